"""What the two colours of a difference mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from capsviz.gui.look.pictures import difference_colours
from capsviz.gui.look.theme import DARK, GRID, SMALL, Theme, font
from capsviz.gui.pose.arrangement import advance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

    Floats = NDArray[np.float32]

_LEGEND = ("missing", "added")
_LEGEND_TIP = (
    "decoded − input is below 0 where ink is missing, above 0 where ink is added;\n"
    "the numbers are the squared error of either kind"
)


class Legend(QWidget):
    """Which colour of a difference means what, and how much of the squared error is of each."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("missing or added")
        self.setToolTip(_LEGEND_TIP)
        self._theme = DARK
        self._amounts = (0.0, 0.0)

    def show_difference(self, difference: Floats | None) -> None:
        """Tell the squared error of either kind; None hides the legend."""
        self.setVisible(difference is not None)
        if difference is not None:
            squares = difference**2
            self._amounts = (
                float(squares[difference < 0].sum()),
                float(squares[difference > 0].sum()),
            )
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    # Qt calls these

    def sizeHint(self) -> QSize:
        most = max(len(f"{amount:.0f}") for amount in self._amounts)
        widest = advance(f"{_LEGEND[0]} {'0' * most}.0")
        return QSize(2 * GRID + widest, 2 * QFontMetrics(font(SMALL)).height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        line = self.height() // 2
        kinds = zip(_LEGEND, self._amounts, difference_colours(self._theme), strict=True)
        for row, (name, amount, colour) in enumerate(kinds):
            middle = row * line + line / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(0, middle - GRID / 2, GRID, GRID), 2, 2)
            painter.setPen(QColor(self._theme.quiet))
            place = QRect(2 * GRID, row * line, self.width(), line)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, f"{name} {amount:.1f}")
