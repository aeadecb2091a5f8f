"""The menu of labs: each is a window of its own, made when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from capsviz.gui.look.theme import DARK
from capsviz.gui.offer import Offer

if TYPE_CHECKING:
    from capsviz.explore.models import LoadedModel
    from capsviz.gui.desktop.actions import Actions
    from capsviz.gui.labs.two_digits import TwoDigits
    from capsviz.gui.look.theme import Theme


class Labs(QObject):
    """Opens the labs, dresses them, and ends their work with the session's."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(actions)
        self._actions, self._session = actions, actions.session
        self._theme = DARK
        self._two_digits: TwoDigits | None = None
        self._session.model_changed.connect(self._offer_lab)

    def set_theme(self, theme: Theme) -> None:
        """Give the open ones these colours."""
        self._theme = theme
        if self._two_digits is not None:
            self._two_digits.set_theme(theme)

    @Slot()
    def two_digits(self) -> None:
        """Two digits in one image, taken apart."""
        if self._two_digits is None:
            self._two_digits = self._made_two_digits()
        self._two_digits.show()
        self._two_digits.activateWindow()

    def _made_two_digits(self) -> TwoDigits:
        from capsviz.gui.labs.two_digits import TwoDigits

        made = TwoDigits(self._actions.window)
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
