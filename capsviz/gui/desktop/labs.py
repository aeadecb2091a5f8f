"""The menu of labs: each is a window of its own, made when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from capsviz.gui.desktop.menus import Entry
from capsviz.gui.look.screens import bring_up
from capsviz.gui.look.theme import DARK
from capsviz.gui.offer import Offer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from capsviz.explore.models import LoadedModel
    from capsviz.gui.desktop.actions import Actions
    from capsviz.gui.desktop.palette import Palette
    from capsviz.gui.labs.two_digits import TwoDigits
    from capsviz.gui.look.theme import Theme

_APPEARANCES = ("system", "light", "dark", "contrast")
_SHARED = ("palette", "guide", "keys", "zoom-in", "zoom-out", "zoom-reset", "quit", *_APPEARANCES)
"""Commands of the window that a lab has too; none of their keys is one of its own."""


class Labs(QObject):
    """Opens the labs, dresses them, and ends their work with the session's."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(actions)
        self._actions, self._session = actions, actions.session
        self._theme = DARK
        self._two_digits: TwoDigits | None = None
        self._palette: Palette | None = None
        self._session.model_changed.connect(self._offer_lab)

    def set_theme(self, theme: Theme) -> None:
        """Give the open ones these colours."""
        self._theme = theme
        if self._two_digits is not None:
            self._two_digits.set_theme(theme)
        if self._palette is not None:
            self._palette.set_theme(theme)

    @Slot()
    def two_digits(self) -> None:
        """Two digits in one image, taken apart."""
        if self._two_digits is None:
            self._two_digits = self._made_two_digits()
        bring_up(self._two_digits)

    @property
    def active(self) -> TwoDigits | None:
        """The lab that is worked in, if it is one."""
        lab = self._two_digits
        return lab if lab is not None and lab.isActiveWindow() else None

    def search(self, every: Sequence[Entry]) -> None:
        """Open the palette of the lab: its own commands, and those it shares with the window."""
        lab = self.active
        if lab is None:
            return
        if self._palette is None:
            self._palette = self._made_palette(lab)
        own = [Entry(lab.windowTitle(), action) for action in lab.tools.named.values()]
        self._palette.open_with([*own, *(each for each in every if each.action in self._shared)])

    def _made_palette(self, lab: TwoDigits) -> Palette:
        from capsviz.gui.desktop.palette import Palette

        made = Palette(lab)
        made.set_theme(self._theme)
        return made

    @property
    def _shared(self) -> list[QAction]:
        return [self._actions.named[name] for name in _SHARED]

    def _made_two_digits(self) -> TwoDigits:
        from capsviz.gui.labs.two_digits import TwoDigits

        made = TwoDigits(self._actions.window)
        made.addActions(self._shared)
        made.set_theme(self._theme)
        made.open_asked.connect(self._ask_for_weights)
        made.study.networks.train_asked.connect(self._actions.training.new_two_digit_run)
        self._session.closing.connect(made.close_down)
        return made

    @Slot()
    def _ask_for_weights(self) -> None:
        if self._two_digits is not None:
            dialog = self._actions.files.weights_dialog(self._two_digits)
            dialog.fileSelected.connect(self._two_digits.study.networks.load)

    @Slot(object)
    def _offer_lab(self, model: LoadedModel) -> None:
        """A network of two digits was chosen for the main window, which shows it one."""
        is_chosen = model is self._session.answering.chosen_model  # not a run that is followed
        if is_chosen and model.network.config.digits_per_image == 2:
            told = (
                f"“{model.name}” reads two digits in one image; here it sees one, amid "
                "36×36 pixels."
            )
            self._session.offered.emit(Offer(told, "Open Two digits", self.two_digits))
