"""Every command in one table: menus, keys, the list of keys and the palette are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from capsviz.gui.look.articles import a_digit


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: its QAction is called "action-" and this.
        text: as in the menu; ends in "…" if it asks for something first.
        keys: as QKeySequence lists them, parted by "; "; the first is shown in the menu.
        run: the method it calls, reached from `Actions`, such as "session.clear".
        tip: what it does, for who points at it.
        icon: a file of resources/icons.
        short: its name in the tool bar, if not `text`.
        value: commands with a value and the same `run` form a group of which one is ticked; `run`
            is then given the ticked QAction, whose data is the value.
        is_ticked: it can be on or off, and `run` is told which.
        is_choice: with a value, it is one of those of which one is ticked; else none is.
    """

    name: str
    text: str
    keys: str
    run: str
    tip: str
    icon: str = ""
    short: str = ""
    value: object = None
    is_ticked: bool = False
    is_choice: bool = True


WINNER = "winner"
"""The value of the command that decodes whichever capsule is longest."""

# A table: one command, two lines.
# fmt: off
COMMANDS: dict[str, tuple[Command | None, ...]] = {
    "File": (
        Command("open-image", "Open…", "Ctrl+O", "files.ask_for_image", icon="open",
                tip="Show the network an image or a file of strokes"),
        Command("open-next", "Next drawing of the file", "J", "session.opening.open_next",
                tip="Show the next drawing of the strokes file that was opened last"),
        Command("open-session", "Open session…", "Ctrl+Shift+O", "files.ask_for_session",
                tip="Bring back a drawing and how it was looked at"),
        Command("last-drawing", "Bring back the last drawing", "", "files.bring_back",
                tip="What was on the canvas, not saved, as the last window closed"),
        Command("save-session", "Save session…", "Ctrl+S", "files.ask_where_to_save",
                tip="Keep the drawing and how it is looked at"),
        None,
        Command("sample", "Show a sample digit", "N", "session.opening.show_random_sample",
                icon="sample", short="Sample", tip="Show a real MNIST digit"),
        Command("next-mistake", "Show the next mistake", "M", "session.opening.show_next_mistake",
                tip="The next of MNIST's test digits that this network gets wrong"),
        None,
        Command("export-figure", "Save picture of the window…", "Ctrl+E", "files.ask_for_picture",
                tip="Write the window as it looks now to a PNG"),
        Command("copy-figure", "Copy picture of the window", "Ctrl+Shift+C", "files.copy_picture",
                tip="Put the window as it looks now on the clipboard"),
        None,
        Command("quit", "Quit", "Ctrl+Q", "window.close", tip="Close the window"),
    ),
    "Edit": (
        Command("undo", "Undo", "Ctrl+Z", "strokes.undo",
                icon="undo", short="Undo", tip="Take the last step back"),
        Command("redo", "Redo", "Ctrl+Shift+Z; Ctrl+Y", "session.undo_stack.redo",
                icon="redo", short="Redo", tip="Take that step again"),
        None,
        Command("paste", "Paste a picture", "Ctrl+V", "files.paste",
                tip="Show the network the picture that is on the clipboard"),
        Command("clear", "Clear", "Delete; Ctrl+Backspace", "session.clear",
                icon="clear", tip="Empty the canvas"),
        Command("framed", "Centre the drawing", "C", "session.set_framed", is_ticked=True,
                tip="Bring drawings to the size and centre of mass that MNIST's digits have"),
        None,
        Command("pen", "Pen", "P", "set_tool", icon="pen", value="pen",
                tip="Draw with the left button"),
        Command("eraser", "Eraser", "E", "set_tool", icon="eraser", value="eraser",
                tip="Erase with the left button; the right one always does"),
    ),
    "View": (
        Command("zoom-in", "Larger text", "Ctrl++; Ctrl+=", "window.looks.zoom_in",
                tip="Make all text one step larger, up to twice its size"),
        Command("zoom-out", "Smaller text", "Ctrl+-", "window.looks.zoom_out",
                tip="Make all text one step smaller"),
        Command("zoom-reset", "Usual size of text", "Ctrl+0", "window.looks.zoom_reset",
                tip="As large as the desktop asks for"),
        None,
        Command("reset-layout", "Reset the layout", "", "window.reset_layout",
                tip="Put every view back in its usual place"),
        Command("fullscreen", "Full screen", "F11", "toggle_fullscreen",
                tip="Give the window the whole screen, or take it back"),
        None,
        Command("system", "Follow the system", "", "set_appearance", value="system",
                tip="Light, dark or high contrast, as the desktop is set"),
        Command("light", "Light", "", "set_appearance", value="light", tip="Dark on light"),
        Command("dark", "Dark", "", "set_appearance", value="dark", tip="Light on dark"),
        Command("contrast", "High contrast", "", "set_appearance", value="contrast",
                tip="White on black, with every outline drawn"),
    ),
    "Routing": (
        Command("play", "Play the iterations", "K; /", "session.playhead.toggle", is_ticked=True,
                tip="Show one routing iteration after the other"),
        Command("step-back", "One iteration back", ",", "session.playhead.step_back",
                tip="Show the routing iteration before"),
        Command("step-on", "One iteration on", ".", "session.playhead.step_on",
                tip="Show the routing iteration after"),
        None,
        Command("more-iterations", "Route once more", "+; =", "route_once_more",
                tip="Route with one iteration more than now"),
        Command("fewer-iterations", "Route once less", "-", "route_once_less",
                tip="Route with one iteration fewer than now"),
    ),
    "Pose": (
        Command("reset-pose", "Reset the pose", "R", "session.posing.reset",
                tip="Back to the instantiation parameters that routing found"),
        Command("random-pose", "Random pose", "Shift+R", "session.posing.randomise",
                tip="Draw each dimension from its distribution over test digits of the class"),
        Command("animate", "Animate the pose", "A", "animate", is_ticked=True,
                tip="Move each dimension by ±0.25 in turn, as in the paper's figure 4"),
        Command("lock-pose", "Keep the pose's length", "L", "session.posing.lock",
                is_ticked=True, tip="When one dimension moves, scale the others: ‖v‖ stays"),
        None,
        Command("follow-winner", "Decode the longest capsule", "W", "choose_capsule",
                value=WINNER, tip="Decode whichever digit capsule is longest"),
    ),
    "Pose/Digit capsule": tuple(
        Command(f"digit-{digit}", f"Decode capsule {digit}", str(digit), "choose_capsule",
                value=digit, tip="Decode it even if it is not the longest; again: let it go")
        for digit in range(10)
    ),
    "Network": (
        Command("open-weights", "Open weights…", "", "files.ask_for_weights",
                tip="Let the network of a .safetensors file answer"),
    ),
    "Train": (
        Command("train", "New run…", "Ctrl+T", "training.new_run",
                tip="Train a network, and watch it learn while you draw"),
        Command("runs", "Runs…", "Ctrl+R", "training.show_runs",
                tip="Compare, reopen, continue, rename and keep what was trained"),
        None,
        Command("pause-training", "Pause", "F8", "session.learning.training.hold", is_ticked=True,
                tip="Hold the training after this step, or let it go on"),
        Command("step-training", "Train one step", "F9", "session.learning.training.step",
                tip="Train on one batch, then hold"),
        Command("stop-training", "Stop and keep", "Shift+F8", "session.learning.training.stop",
                tip="End the training here and keep the best network so far"),
        None,
        Command("follow-training", "Follow the training", "F",
                "session.learning.following.follow", is_ticked=True,
                tip="Let the learning network answer; off: the network before"),
        Command("pin-drawing", "Pin this drawing", "Ctrl+D", "training.pin",
                tip="See in a film how networks learn to read what is on the canvas"),
        None,
        Command("fine-tune", "Fine-tune on my drawings…", "", "training.hand.fine_tune",
                tip="Let this network learn your hand from the answers you corrected"),
        Command("forget-correction", "Forget the last correction", "", "training.hand.forget_last",
                tip="Take the drawing corrected last out of your own set"),
    ),
    "Train/This is a": tuple(
        Command(f"correct-{digit}", f"This is {a_digit(digit)}", f"Alt+{digit}",
                "training.hand.correct", value=digit, is_choice=False,
                tip="The answer is wrong: keep the drawing with its right digit, to learn from")
        for digit in range(10)
    ),
    "Labs": (
        Command("two-digits", "Two digits", "Ctrl+2", "labs.two_digits",
                tip="Lay two digits over one another, and watch the network take them apart"),
    ),
    "Help": (
        Command("palette", "Search commands…", "Ctrl+K; Ctrl+Shift+P", "search",
                tip="Find a command by its name and run it"),
        Command("guide", "How to read this window", "Shift+F1", "show_guide",
                tip="What a capsule network does, and what each card shows of it"),
        Command("keys", "Keys", "F1", "show_keys", tip="All keys at a glance"),
        Command("about", "About capsviz", "", "show_about", tip="Versions, for a bug report"),
    ),
}
# fmt: on
"""Menus from left to right, and their commands from top to bottom; None parts two sections. A
menu below another is written "Pose/Digit capsule"."""

GESTURES = (
    ("right button", "Erase while drawing"),
    ("arrows; Shift: faster", "On the canvas: lead the pen of the keys"),
    ("Space", "On the canvas: put that pen down, or lift it"),
    ("Esc", "Drop the stroke under way; let go of what is pointed at"),
    ("arrows, then Enter", "In a plot, the films, samples or the sweep: choose"),
    ("arrows, wheel, Page keys", "On a pose slider: fine and coarse steps"),
    ("Backspace, double click", "On a pose slider: back to what routing found"),
    ("arrows, Home", "In Two digits, on the square: slide one digit over the other"),
)
"""What hands can do that is no command of its own, for the list of keys."""


def all_commands() -> list[Command]:
    """Every command, in the order of the menus."""
    return [command for rows in COMMANDS.values() for command in rows if command is not None]
