"""The commands of the lab of two digits in one table: its actions, its keys and their list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabCommand:
    """One action of the lab: its name, words, keys as QKeySequence lists them, tip and icon.

    Those of one `group` exclude one another; `short` is what its button says.
    """

    name: str
    text: str
    keys: str
    tip: str
    icon: str = ""
    group: str = ""
    short: str = ""


# A table: one command a line.
# fmt: off
COMMANDS = (
    LabCommand("first", "First digit", "F", "Draw and move the first digit", "", "layer",
               "First"),
    LabCommand("second", "Second digit", "S", "Draw and move the second digit", "", "layer",
               "Second"),
    LabCommand("one", "Both in one", "O", "Draw both digits in one drawing, and let it split",
               "", "layer", "Both"),
    LabCommand("pen", "Pen", "P", "Draw with the left button", "pen", "tool"),
    LabCommand("eraser", "Eraser", "E", "Erase with the left button; the right one always does",
               "eraser", "tool"),
    LabCommand("undo", "Undo", "Ctrl+Z", "Take the last step back", "undo"),
    LabCommand("redo", "Redo", "Ctrl+Shift+Z; Ctrl+Y", "Take that step again", "redo"),
    LabCommand("clear", "Clear", "Delete; Ctrl+Backspace", "Empty both layers", "clear"),
    LabCommand("sample", "Sample", "N", "Two real MNIST test digits laid over one another",
               "sample"),
    LabCommand("longest", "Longest two", "W", "Decode the two longest capsules again"),
    LabCommand("try-all", "Try every place", "T", "Read every place of one digit over the other"),
    LabCommand("play", "Play the iterations", "K; /", "Show one iteration after the other"),
    LabCommand("step-back", "One iteration back", ",", "Show the routing iteration before"),
    LabCommand("step-on", "One iteration on", ".", "Show the routing iteration after"),
    LabCommand("close", "Close", "Ctrl+W", "Close this window; what is drawn stays"),
)
# fmt: on
