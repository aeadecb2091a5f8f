"""What can be done with the run that is selected, as a row of buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSpinBox, QWidget

from capsviz.gui.archive import Change
from capsviz.gui.look.dialogs import ask_whether
from capsviz.gui.look.theme import GRID
from capsviz.training.runnames import shown_name

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.training.runs import RunSummary

_BUTTONS = {
    "reopen": ("Show", "Show its curves, its report and its film again"),
    "continue": ("Continue", "Go on where it ended, on the same images"),
    "publish": ("Keep as network", "Copy its network among your own, under this name"),
    "trash": ("Delete", "Move it to the trash; it can be brought back"),
    "restore": ("Restore", "Bring it back among the runs"),
    "delete": ("Delete for good", "Remove it from the disk; nothing brings it back"),
}
_IN_TRASH = ("restore", "delete")
_MORE_EPOCHS = 5


class RunActions(QWidget):
    """Enabled as far as the run allows; other buttons for one that is in the trash.

    Signals:
        reopen_asked(object), continue_asked(object): RunSummary of the run.
        change_asked(object): Change.
    """

    reopen_asked = Signal(object)
    continue_asked = Signal(object)
    change_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: RunSummary | None = None
        self._is_busy = self._is_trash = False
        self._doomed: Path | None = None
        self.network, self.epochs = QLineEdit(), QSpinBox()
        self.buttons = {name: self._button(name) for name in _BUTTONS}
        self._dress()
        self._lay_out()
        self.network.textChanged.connect(self._enable)
        for name, done in (
            ("reopen", self.reopen),
            ("continue", self._continue),
            ("publish", self._publish),
            ("trash", self._trash),
            ("restore", self._restore),
            ("delete", self._ask_to_delete),
        ):
            self.buttons[name].clicked.connect(done)

    def _button(self, name: str) -> QPushButton:
        text, tip = _BUTTONS[name]
        made = QPushButton(text)
        made.setObjectName(f"run-{name}")
        made.setToolTip(tip)
        return made

    def _dress(self) -> None:
        self.network.setObjectName("run-network-name")
        self.network.setAccessibleName("Name of the network")
        self.network.setPlaceholderText("name of the network")
        self.network.setFixedWidth(20 * GRID)
        self.epochs.setObjectName("run-more-epochs")
        self.epochs.setAccessibleName("More epochs")
        self.epochs.setRange(1, 1000)
        self.epochs.setValue(_MORE_EPOCHS)
        self.epochs.setPrefix("+")
        self.epochs.setSuffix(" epochs")

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.buttons["reopen"])
        row.addWidget(self.buttons["continue"])
        row.addWidget(self.epochs)
        row.addSpacing(2 * GRID)
        row.addWidget(self.network)
        row.addWidget(self.buttons["publish"])
        row.addStretch()
        for name in ("trash", *_IN_TRASH):
            row.addWidget(self.buttons[name])

    def show_run(self, run: RunSummary | None, is_trash: bool) -> None:
        """The one run that is selected, None if there is none; the trash is listed or not."""
        self._run, self._is_trash = run, is_trash
        if run is not None:
            self.network.setText(shown_name(run.folder))
        self._enable()

    def show_busy(self, is_busy: bool) -> None:
        """While a run is under way, no other can go on."""
        self._is_busy = is_busy
        self._enable()

    @Slot()
    def _enable(self) -> None:
        run, is_here = self._run, not self._is_trash
        can_go_on = run is not None and (run.can_resume or run.can_extend)
        has_network = run is not None and run.has_model
        state = "running" if run is None else run.state
        allowed = {
            "reopen": state not in ("running", "damaged") and not self._is_busy,
            "continue": can_go_on and not self._is_busy,
            "publish": has_network and bool(self.network.text().strip()),
        }
        for name, button in self.buttons.items():
            button.setVisible((name in _IN_TRASH) != is_here)
            button.setEnabled(allowed.get(name, state != "running"))
        self.network.setVisible(is_here)
        self.network.setEnabled(has_network)
        self.epochs.setVisible(
            is_here and run is not None and not run.can_resume and run.can_extend
        )

    @Slot()
    def reopen(self) -> None:
        """Show the run again, if it can be."""
        if self._run is not None and not self._is_trash and self.buttons["reopen"].isEnabled():
            self.reopen_asked.emit(self._run)

    @Slot()
    def _continue(self) -> None:
        run = self._run
        if run is None or run.plan is None:
            return
        if not run.can_resume:
            epochs = run.plan.settings.epochs + self.epochs.value()
            self.change_asked.emit(Change("extend", run.folder, epochs=epochs))
        else:
            self.continue_asked.emit(run)

    @Slot()
    def _publish(self) -> None:
        if self._run is not None:
            name = self.network.text().strip()
            self.change_asked.emit(Change("publish", self._run.folder, name))

    @Slot()
    def _trash(self) -> None:
        if self._run is not None:
            self.change_asked.emit(Change("trash", self._run.folder))

    @Slot()
    def _restore(self) -> None:
        if self._run is not None:
            self.change_asked.emit(Change("restore", self._run.folder))

    @Slot()
    def _ask_to_delete(self) -> None:
        if self._run is None:
            return
        self._doomed = self._run.folder
        box = ask_whether(
            self.window(),
            f"Delete {shown_name(self._doomed)} for good?",
            "Its curves, its film and its network cannot be brought back.",
            "Delete for good",
            "Keep it",
        )
        box.setObjectName("ask-to-delete")
        box.accepted.connect(self._delete)
        box.open()

    @Slot()
    def _delete(self) -> None:
        if self._doomed is not None:
            self.change_asked.emit(Change("delete", self._doomed))
            self._doomed = None
