"""Which of the sample digits a list shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt

from capsviz.data.samples import sample_digits, sample_indices

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

    Index = QModelIndex | QPersistentModelIndex


class SampleModel(QStringListModel):
    """The sample digits, or those of one label; a row knows which of all digits it is.

    Strings, all of them empty, because Qt then counts the rows itself: a list that lays itself
    out asks for their number twice a row.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._labels = sample_digits().labels
        self._list(np.arange(len(self._labels)))

    def show_label(self, label: int | None) -> None:
        """Only digits of this label; None: all."""
        wanted = self._labels >= 0 if label is None else self._labels == label
        self._list(np.flatnonzero(wanted))

    def _list(self, samples: NDArray[np.intp]) -> None:
        self.samples = samples
        self.setStringList([""] * len(samples))

    def row_of(self, sample: int | None) -> Index:
        """Where this digit stands; an invalid index if it is not among those shown."""
        rows = [] if sample is None else np.flatnonzero(self.samples == sample).tolist()
        return self.index(rows[0]) if rows else QModelIndex()

    # Qt calls these

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if role not in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        sample = self.samples[index.row()]
        return f"A {self._labels[sample]}: digit {sample_indices()[sample]} of MNIST's test set"
