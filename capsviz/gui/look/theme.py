"""The visual language, written down once: colours, one spacing grid, three text sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

Appearance = Literal["system", "light", "dark"]

GRID = 8
"""Every gap is a multiple of this or its half, in device-independent pixels."""

SMALL, BODY, LARGE = 0.88, 1.0, 3.2
"""The three text sizes, as multiples of the application's font."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours; every view takes its own from here.

    Attributes:
        ground: the window behind the cards.
        card: the surface that views stand on.
        raised: buttons and fields upon a card.
        paper, ink: the ends of the grey scale that drawings and images are shown in.
        text, quiet: words, and words of less weight; at least 4.5:1 on a card.
        line: hairlines, axes, margins.
        accent: focus, selection, the one thing to press.
        warning: a notice's mark.
        digits: one colour per digit, at least 3:1 on a card; any two are 15 apart in L*a*b* for
            every kind of dichromat (found by a search from hand-picked hues).
        is_dark: whether light stands on dark.
    """

    ground: str
    card: str
    raised: str
    paper: str
    ink: str
    text: str
    quiet: str
    line: str
    accent: str
    warning: str
    digits: tuple[str, ...]
    is_dark: bool


DARK = Theme(
    ground="#111419",
    card="#1a1e25",
    raised="#272d37",
    paper="#0b0d11",
    ink="#ffffff",
    text="#e9ecf0",
    quiet="#9aa5b3",
    line="#39414d",
    accent="#6ea8fe",
    warning="#f2b84b",
    digits=(
        "#72b6ea",
        "#f98e00",
        "#0a9077",
        "#ea6a56",
        "#988df2",
        "#f2dc63",
        "#53dce8",
        "#e58ab8",
        "#56ce2f",
        "#c2b09b",
    ),
    is_dark=True,
)

LIGHT = Theme(
    ground="#eef0f3",
    card="#ffffff",
    raised="#e9ecf1",
    paper="#ffffff",
    ink="#14171c",
    text="#1a1e24",
    quiet="#5b6572",
    line="#cdd3db",
    accent="#1d63d1",
    warning="#9a6200",
    digits=(
        "#7a91da",
        "#c17000",
        "#13a68b",
        "#ce4c37",
        "#6a58cc",
        "#4f3b00",
        "#007890",
        "#972667",
        "#7d9d62",
        "#7e6155",
    ),
    is_dark=False,
)


def theme_for(appearance: Appearance) -> Theme:
    """The colours of an appearance; "system" asks the desktop, dark where it does not say."""
    if appearance == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK
    return LIGHT if appearance == "light" else DARK


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give the whole application these colours."""
    application.setStyle("Fusion")  # the one style that follows a palette on every system
    application.setPalette(_palette(theme))
    application.setStyleSheet(_style_sheet(theme))


def font(scale: float, bold: bool = False) -> QFont:
    """The application's font in one of the three sizes."""
    made = QFont(QApplication.font())
    made.setPointSizeF(made.pointSizeF() * scale)
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 … 21 (WCAG 2.2)."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    of = QColor(colour)
    return (
        0.2126 * _linear(of.redF()) + 0.7152 * _linear(of.greenF()) + 0.0722 * _linear(of.blueF())
    )


def _linear(part: float) -> float:
    """One sRGB component without its transfer curve."""
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, colour in {
        role.Window: theme.ground,
        role.WindowText: theme.text,
        role.Base: theme.card,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.quiet,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.card,
        role.Link: theme.accent,
    }.items():
        palette.setColor(name, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, name, QColor(theme.line))
    return palette


def _style_sheet(theme: Theme) -> str:
    half, one = GRID // 2, GRID
    return f"""
    QMainWindow::separator {{ width: {one}px; height: {one}px; background: transparent; }}
    QMainWindow::separator:hover {{ background: {theme.line}; }}
    #card-header, #card-body {{ background: {theme.card}; }}
    #card-header {{ border-top-left-radius: {one}px; border-top-right-radius: {one}px; }}
    #card-body {{ border-bottom-left-radius: {one}px; border-bottom-right-radius: {one}px; }}
    [quiet="true"] {{ color: {theme.quiet}; }}
    QToolBar {{ border: 0; padding: {half}px {one}px; spacing: {half}px; }}
    QToolBar::separator {{ width: 1px; margin: {one}px {one}px; background: {theme.raised}; }}
    QToolButton {{ border: 1px solid transparent; border-radius: 6px; padding: 5px {one}px; }}
    QToolButton:hover {{ background: {theme.raised}; }}
    QToolButton:checked {{ background: {theme.raised}; border-color: {theme.accent}; }}
    QToolButton:focus {{ border-color: {theme.accent}; }}
    QToolButton:disabled {{ color: {theme.line}; }}
    QMenuBar {{ background: {theme.ground}; padding: 2px {half}px; }}
    QMenuBar::item {{ padding: {half}px {one}px; border-radius: {half}px; }}
    QMenuBar::item:selected {{ background: {theme.raised}; }}
    QMenu {{ background: {theme.card}; border: 1px solid {theme.line}; padding: {half}px; }}
    QMenu::item {{ padding: {half}px {3 * one}px; border-radius: {half}px; }}
    QMenu::item:selected {{ background: {theme.raised}; }}
    QMenu::item:disabled {{ color: {theme.quiet}; }}
    QMenu::separator {{ height: 1px; margin: {half}px {one}px; background: {theme.line}; }}
    QStatusBar {{ color: {theme.quiet}; }}
    QStatusBar::item {{ border: 0; }}
    QStatusBar QLabel {{ color: {theme.quiet}; padding: 0 {one}px; }}
    QToolTip {{ background: {theme.raised}; color: {theme.text};
        border: 1px solid {theme.line}; padding: {half}px; }}
    #notice {{ background: {theme.raised}; border-radius: {one}px;
        border-left: 3px solid {theme.warning}; }}
    """
