"""Learning a network from labelled digits: settings, a generator of progress, a folder per run."""
