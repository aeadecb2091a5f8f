"""`capsviz`, also as `python -m capsviz` and under torchrun.

Without a word behind it, the window opens at once: reading a command line takes a library as long
to import as a tenth of the window.
"""

from __future__ import annotations

import sys

from capsviz.failing import guarded


def main() -> None:
    """Open the window, or do what the command line says."""
    if len(sys.argv) > 1:
        from capsviz.cli import main as command

        command()
    else:
        guarded(_open_window)


def _open_window() -> None:
    from capsviz.starting import hasten

    hasten()
    from capsviz.gui.app import run_window

    sys.exit(run_window(None, None, None))


if __name__ == "__main__":
    main()
