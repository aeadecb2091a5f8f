"""How a row of the pose is laid out and worded: number, effect, groove, value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from capsviz.gui.look.theme import GRID
from capsviz.gui.pose.groove import RADIUS

if TYPE_CHECKING:
    from PySide6.QtGui import QFontMetrics

    from capsviz.explore.describe import Effect
    from capsviz.gui.look.theme import Theme
    from capsviz.gui.pose.groove import Spread

_NUMBER, _EFFECT, _VALUE = "88", "~middle ink ↓", "−0.888"  # the widest of each column
_HALF = GRID // 2
_LEFT, _RIGHT = (
    side | Qt.AlignmentFlag.AlignVCenter
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)


def number_text(value: float) -> str:
    """Three decimals, with a real minus sign."""
    text = f"{value:.3f}"
    if text[0] != "-":
        return text
    return "0.000" if text == "-0.000" else f"−{text[1:]}"


def told(
    dimension: int,
    number: float,
    inferred: float | None,
    spread: Spread | None,
    effect: Effect | None,
) -> str:
    """All that is known of one number of the pose, line by line."""
    lines = [f"Dimension {dimension + 1}: {number_text(number)}"]
    if inferred is not None:
        lines.append(f"routing found {number_text(inferred)}")
    if spread is not None:
        lines.append(
            f"percentile {100 * spread.level(number):.0f} of the test digits of its class"
        )
    if effect is not None:
        lines.append(_effect_told(effect))
    return "\n".join(lines)


def _effect_told(effect: Effect) -> str:
    if effect.sign:
        share = f"{effect.strength:.0%} of what it changes in this drawing"
        how = "as it grows" if effect.is_clear else "as it grows, among other things"
        return f"{how}: {effect.name} {effect.arrow} ({share})"
    if effect.name == "little":
        return "changes next to nothing in this drawing"
    return "changes several things in this drawing at once"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a row; the same in all rows of one size and font."""

    number: QRect
    effect: QRect
    groove: QRectF
    value: QRect


def columns(row: QRect, metrics: QFontMetrics) -> Columns:
    """Number, effect and value as wide as their widest; the groove takes what is left."""
    number, effect, value = (
        metrics.horizontalAdvance(text) for text in (_NUMBER, _EFFECT, _VALUE)
    )
    height = row.height()
    effect_left = _HALF + number + GRID
    value_left = row.width() - _HALF - value
    left, right = effect_left + effect + GRID + RADIUS, value_left - GRID - RADIUS
    return Columns(
        QRect(_HALF, 0, number, height),
        QRect(effect_left, 0, effect, height),
        QRectF(left, 0, max(right - left, 1.0), height),
        QRect(value_left, 0, value, height),
    )


def paint_ground(painter: QPainter, row: QRect, theme: Theme) -> None:
    """Below the row that the pointer is on."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(row, _HALF, _HALF)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_focus(painter: QPainter, row: QRect, theme: Theme) -> None:
    """Round the row that has the keyboard."""
    painter.setPen(QPen(QColor(theme.accent), 1))
    painter.drawRoundedRect(QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5), _HALF, _HALF)


def paint_left(painter: QPainter, area: QRect, text: str, colour: str) -> None:
    """Words that begin at the left."""
    painter.setPen(QColor(colour))
    painter.drawText(area, _LEFT, text)


def paint_right(painter: QPainter, area: QRect, text: str, colour: str) -> None:
    """Numbers, whose ends stand below each other."""
    painter.setPen(QColor(colour))
    painter.drawText(area, _RIGHT, text)
