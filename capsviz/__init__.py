"""capsviz: draw a digit and watch a capsule network recognise it, route it and redraw it."""

__version__ = "0.1.0"
