"""Which network answers, and on which device; one that fails is left for the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from capsviz.files import CapsvizError, one_line
from capsviz.gui.jobs import Latest
from capsviz.gui.work import LoadRequest, load
from capsviz.places import model_files

if TYPE_CHECKING:
    from capsviz.explore.models import LoadedModel

_GONE = "The device {} is not on this machine; the network answers on the best that is."


class Loading(QObject):
    """Loads networks in a thread of its own; the newest asked for comes, no other.

    Attributes:
        was_asked: whether any was asked for since the start.

    Signals:
        loaded(LoadedModel): it came.
        loading_changed(bool): one is under way, or no longer.
        device_changed(str): the one that came was asked for on this device: "auto" or torch's
            name; so will the next be.
        failed(object): the exception that kept the newest from coming.
        left(str): one sentence: a device failed or is gone, and another takes over.
    """

    loaded = Signal(object)
    loading_changed = Signal(bool)
    device_changed = Signal(str)
    failed = Signal(object)
    left = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.device = "auto"
        self._asked = LoadRequest("", self.device)
        self._has_loaded = False
        self._dropped: LoadRequest | None = None  # asked for before, while there was none yet
        self._failures: list[Exception] = []  # to be told when a dropped one has come after all
        self.is_loading = self.was_asked = False
        self._loader = Latest(load, "load", self)
        self._loader.done.connect(self._deliver)
        self._loader.failed.connect(self._give_up)

    @property
    def is_idle(self) -> bool:
        """Nothing is being loaded."""
        return self._loader.is_idle

    def names(self) -> list[str]:
        """The networks that can be loaded by name now."""
        return [path.stem for path in model_files()]

    def load(self, name: str, device: str | None = None) -> None:
        """Bring a network, by name or path, to this device, or to the one asked for last."""
        if name != self._asked.model and not self._has_loaded:
            self._dropped = self._asked if self._asked.model else None
        self._asked = LoadRequest(name, self._asked.device if device is None else device)
        self.was_asked = True
        self._set_loading(True)
        self._loader.forget()  # what comes or fails from now on was asked for here
        self._loader.submit(self._asked)

    def leave_device(self, model: LoadedModel, error: Exception) -> bool:
        """Bring a network whose device has failed to the CPU; False if that mends nothing."""
        if isinstance(error, CapsvizError) or model.device == "cpu":
            return False
        if self.is_idle:  # else it has been left already, for an earlier answer's sake
            self._leave(str(model.path), model.device, error)
        return True

    def close(self) -> None:
        """End all work and join the thread."""
        self._loader.close()

    def _leave(self, name: str, device: str, error: Exception) -> None:
        self.left.emit(
            f"The device {device.upper()} failed ({one_line(error)}); the CPU answers from now on."
        )
        self.load(name, "cpu")

    @Slot(object)
    def _deliver(self, model: LoadedModel) -> None:
        if self._asked.device != self.device:
            self.device = self._asked.device
            self.device_changed.emit(self.device)
        self._has_loaded, self._dropped = True, None
        self.loaded.emit(model)
        self._tell_failures()
        self._set_loading(not self.is_idle)  # who was told may have asked for another

    @Slot(object)
    def _give_up(self, error: Exception) -> None:
        """Try another device, once; a file that cannot be read is no fault of the device."""
        model, device = self._asked.model, self._asked.device
        if isinstance(error, CapsvizError) and _is_without_device(error):
            self.left.emit(_GONE.format(device.upper()))
            self.load(model, "auto")
            return
        if device != "cpu" and not isinstance(error, CapsvizError):
            self._leave(model, device, error)
            return
        self._asked = LoadRequest("", self.device)  # the next one goes where the last one is
        self._failures.append(error)
        if self._dropped is not None:  # it is better than none
            self.load(self._dropped.model, self._dropped.device)
            return
        self._set_loading(False)
        self._tell_failures()

    def _tell_failures(self) -> None:
        while self._failures:
            self.failed.emit(self._failures.pop(0))

    def _set_loading(self, loading: bool) -> None:
        if loading != self.is_loading:
            self.is_loading = loading
            self.loading_changed.emit(loading)


def _is_without_device(error: CapsvizError) -> bool:
    from capsviz.network import NoDeviceError  # by now torch is there

    return isinstance(error, NoDeviceError)
