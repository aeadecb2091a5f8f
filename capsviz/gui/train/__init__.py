"""Views of a network that learns: progress, curves, what it redraws, and earlier runs."""
