"""The visual language, written down once: colours, one spacing grid, three text sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

from PySide6.QtCore import QDir, Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication

from capsviz.gui.look.contrast import contrast, readable
from capsviz.gui.look.style import palette, style_sheet
from capsviz.places import resources_folder

Appearance = Literal["system", "light", "dark", "contrast"]

GRID = 8
"""Every gap is a multiple of this or its half, in device-independent pixels."""

SMALL, BODY, LARGE = 0.88, 1.0, 3.2
"""The three text sizes, as multiples of the application's font."""

ZOOMS = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""How large all text can be, as multiples of its usual size."""

_FONT_BEFORE_SHEET = "_q_styleSheetWidgetFont"  # which Qt goes back to with every new style sheet
_ALIKE = 1e-6  # what two zooms may differ by
_USUAL_SIZE = "capsviz-usual-size"  # the application remembers its font's size before any zoom


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours; every view takes its own from here.

    Attributes:
        ground: the window behind the cards.
        card: the surface that views stand on.
        raised: buttons and fields upon a card.
        paper, ink: the ends of the grey scale that drawings and images are shown in.
        text, quiet: words, and words of less weight; at least 4.5:1 on a card.
        faint: words and icons of what cannot be used now; at least 3:1 wherever they stand.
        line: hairlines, axes, margins.
        edge: the outline of cards and controls; none where their surfaces are outline enough.
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
    faint: str
    line: str
    edge: str
    accent: str
    warning: str
    digits: tuple[str, ...]
    is_dark: bool

    def word(self, digit: int) -> str:
        """The colour of small words about a digit: its own, or as near as can be read."""
        return readable(self.digits[digit % len(self.digits)], self.text, self.card)

    @property
    def is_outlined(self) -> bool:
        """Whether paper needs an outline to be told from its card."""
        return contrast(self.paper, self.card) < 1.1


DARK = Theme(
    ground="#111419",
    card="#1a1e25",
    raised="#272d37",
    paper="#0b0d11",
    ink="#ffffff",
    text="#e9ecf0",
    quiet="#9aa5b3",
    faint="#788391",
    line="#39414d",
    edge="transparent",
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
    faint="#79838f",
    line="#cdd3db",
    edge="transparent",
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


CONTRAST = replace(
    DARK,
    ground="#000000",
    card="#000000",
    raised="#1f1f1f",
    paper="#000000",
    text="#ffffff",
    quiet="#d6d6d6",
    faint="#a6a6a6",
    line="#8f8f8f",
    edge="#8f8f8f",
    accent="#61d0ff",
    warning="#ffc247",
)


STYLE = ("-style", "Fusion")
"""Words for QApplication: the one style that follows a palette on every system.

Its `setStyle` would return the style, and PySide then make all the names that a QStyle has, while
the window's start waits.
"""


def theme_for(appearance: Appearance) -> Theme:
    """The colours of an appearance; "system" asks the desktop, dark where it does not say."""
    hints = QGuiApplication.styleHints()
    if appearance == "system":
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            return CONTRAST
        return LIGHT if hints.colorScheme() == Qt.ColorScheme.Light else DARK
    return {"light": LIGHT, "contrast": CONTRAST}.get(appearance, DARK)


def apply_palette(application: QApplication, theme: Theme) -> None:
    """The half of a theme that is best done before there are widgets."""
    application.setPalette(palette(theme))


def apply_style_sheet(application: QApplication, theme: Theme) -> None:
    """The half that is best done when all widgets stand in their places: under a style sheet,
    whichever is given a parent tells all those in it that their style has changed.
    """
    QDir.setSearchPaths("icons", [str(resources_folder() / "icons")])  # for the style sheet
    application.setStyleSheet(style_sheet(theme, GRID))


def zoom(application: QApplication) -> float:
    """How many times its usual size all text has."""
    usual = application.property(_USUAL_SIZE)
    return 1.0 if usual is None else application.font().pointSizeF() / float(usual)


def is_enlarged() -> bool:
    """Whether all text is larger than usual."""
    return zoom(cast("QApplication", QApplication.instance())) > 1 + _ALIKE


def set_zoom(application: QApplication, factor: float) -> None:
    """Give all text `factor` times its usual size, 0.8 … 2.

    Words that stand in widgets follow at once; those that views paint by themselves, when they
    are next given a theme.
    """
    if application.property(_USUAL_SIZE) is None:
        application.setProperty(_USUAL_SIZE, application.font().pointSizeF())
    usual = float(application.property(_USUAL_SIZE))
    ratio = usual * min(max(factor, ZOOMS[0]), ZOOMS[-1]) / application.font().pointSizeF()
    if abs(ratio - 1) < _ALIKE:  # as with every start at the usual size
        return
    sheet = application.styleSheet()
    own = [
        (widget, scaled(widget.font(), ratio))
        for widget in application.allWidgets()
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont)
    ]
    application.setStyleSheet("")  # while one is worn, widgets do not follow the application's
    application.setFont(scaled(application.font(), ratio))
    for widget, larger in own:
        widget.setFont(larger)
        if widget.property(_FONT_BEFORE_SHEET) is not None:
            widget.setProperty(_FONT_BEFORE_SHEET, larger)
    application.setStyleSheet(sheet)


def next_zoom(factor: float, steps: int) -> float:
    """The zoom so many steps larger, or smaller if negative; stays within 0.8 … 2."""
    nearest = min(range(len(ZOOMS)), key=lambda index: abs(ZOOMS[index] - factor))
    return ZOOMS[min(max(nearest + steps, 0), len(ZOOMS) - 1)]


def scaled(given: QFont, ratio: float) -> QFont:
    """The same font, `ratio` times as large."""
    made = QFont(given)
    made.setPointSizeF(given.pointSizeF() * ratio)
    return made


def font(scale: float, bold: bool = False) -> QFont:
    """The application's font in one of the three sizes."""
    made = scaled(QApplication.font(), scale)
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made
