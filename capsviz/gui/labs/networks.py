"""Which network the lab asks: only one that reads two digits in one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.data.layer import SIDE
from capsviz.gui.jobs import Latest
from capsviz.gui.labs.work import reads_two_digits, two_digit_networks
from capsviz.gui.loading import Loading
from capsviz.gui.offer import Offer

if TYPE_CHECKING:
    from capsviz.explore.models import LoadedModel

DEFAULT_MODEL = "two-digits"

_NONE = (
    "No network here reads two digits in one image; one is trained from the preset “Two digits at "
    "once”."
)


class Networks(QObject):
    """Lists the networks that fit, loads one, and says what is missing of one that does not.

    Attributes:
        model: that answers; None until one has come.
        names: of the networks that read two digits; None until they were looked for.

    Signals:
        model_changed(object): LoadedModel, another one answers.
        names_changed(tuple): the names that can be chosen.
        loading_changed(bool): one is under way, or no longer.
        train_asked(): one is to be trained.
        offered(object): Offer.
        failed(object): an exception.
        left(str): one sentence: a device failed or is gone, and another takes over.
    """

    model_changed = Signal(object)
    names_changed = Signal(tuple)
    loading_changed = Signal(bool)
    train_asked = Signal()
    offered = Signal(object)
    failed = Signal(object)
    left = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.model: LoadedModel | None = None
        self.names: tuple[str, ...] | None = None
        self._is_first = True  # the first list also says which network to begin with
        self.loading = Loading(self)
        self._lister = Latest(two_digit_networks, "networks", self)
        self._lister.done.connect(self._show_names)
        self._lister.failed.connect(self.failed)
        self.loading.loaded.connect(self._take)
        self.loading.loading_changed.connect(self.loading_changed)
        self.loading.failed.connect(self.failed)
        self.loading.left.connect(self.left)

    @property
    def is_idle(self) -> bool:
        """Nothing is being looked for or loaded."""
        return self._lister.is_idle and self.loading.is_idle

    @Slot()
    def look(self) -> None:
        """See which networks there are now; the first time, load one of them."""
        self._lister.submit(None)

    @Slot(str)
    def load(self, name: str) -> None:
        """Let a network answer, by name or path, if it reads two digits."""
        self._is_first = False
        self.loading.load(name)

    def close(self) -> None:
        """End all work and join the threads."""
        self.loading.close()
        self._lister.close()

    @Slot(tuple)
    def _show_names(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.names_changed.emit(names)
        if self._is_first and names:
            self.load(self._usual(names))
        elif self._is_first and self.model is None:
            self.offered.emit(Offer(_NONE, "Train one …", self._ask_to_train))

    @staticmethod
    def _usual(names: tuple[str, ...]) -> str:
        return DEFAULT_MODEL if DEFAULT_MODEL in names else names[0]

    @Slot(object)
    def _take(self, model: LoadedModel) -> None:
        if reads_two_digits(model.network.config):
            self.model = model
            self.model_changed.emit(model)
        else:
            self.offered.emit(self._refusal(model))

    def _refusal(self, model: LoadedModel) -> Offer:
        config = model.network.config
        size, count = (
            config.image_size,
            "two digits" if config.digits_per_image == 2 else "one digit",
        )
        told = (
            f"“{model.name}” reads {count} in an image of {size}×{size} pixels; expected a "
            f"network that was trained to read two in {SIDE}×{SIDE}."
        )
        if self.names:
            return Offer(told, f"Use “{self._usual(self.names)}”", self._load_usual)
        return Offer(told, "Train one …", self._ask_to_train)

    @Slot()
    def _load_usual(self) -> None:
        if self.names:
            self.load(self._usual(self.names))

    @Slot()
    def _ask_to_train(self) -> None:
        self.train_asked.emit()
