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
    """None at first; then all sample digits, or those of one label. A row knows which it is.

    Strings, all of them empty, because Qt then counts the rows itself: a list that lays itself
    out asks for their number twice a row.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.samples: NDArray[np.intp] = np.arange(0)

    def show_label(self, label: int | None) -> None:
        """Only digits of this label; None: all."""
        labels = sample_digits().labels
        self.samples = np.flatnonzero(labels >= 0 if label is None else labels == label)
        self.setStringList([""] * len(self.samples))

    def row_of(self, sample: int | None) -> Index:
        """Where this digit stands; an invalid index if it is not among those shown."""
        rows = [] if sample is None else np.flatnonzero(self.samples == sample).tolist()
        return self.index(rows[0]) if rows else QModelIndex()

    # Qt calls these

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if role not in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        sample = self.samples[index.row()]
        label = sample_digits().labels[sample]
        return f"A {label}: digit {sample_indices()[sample]} of MNIST's test set"
