"""The visual language: colours, cards, tiles, plots; knows nothing of networks."""
