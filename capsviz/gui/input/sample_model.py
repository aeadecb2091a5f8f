"""Which of the sample digits a list shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from capsviz.data.samples import sample_digits, sample_indices

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    Index = QModelIndex | QPersistentModelIndex

_NO_INDEX = QModelIndex()


class SampleModel(QAbstractListModel):
    """The sample digits, or those of one label; a row knows which of all digits it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._labels = sample_digits().labels
        self.samples = np.arange(len(self._labels))

    def show_label(self, label: int | None) -> None:
        """Only digits of this label; None: all."""
        self.beginResetModel()
        wanted = self._labels >= 0 if label is None else self._labels == label
        self.samples = np.flatnonzero(wanted)
        self.endResetModel()

    def row_of(self, sample: int | None) -> Index:
        """Where this digit stands; an invalid index if it is not among those shown."""
        rows = [] if sample is None else np.flatnonzero(self.samples == sample).tolist()
        return self.index(rows[0]) if rows else QModelIndex()

    # Qt calls these

    def rowCount(self, parent: Index = _NO_INDEX) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.samples)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if role not in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        sample = self.samples[index.row()]
        return f"A {self._labels[sample]}: digit {sample_indices()[sample]} of MNIST's test set"
