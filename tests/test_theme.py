"""The visual language keeps its promises: contrast, one colour per digit, colour-blind too."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from capsviz.gui.look.contrast import contrast, mixed
from capsviz.gui.look.theme import (
    CONTRAST,
    DARK,
    LIGHT,
    SMALL,
    ZOOMS,
    apply_palette,
    apply_style_sheet,
    font,
    next_zoom,
    set_zoom,
    theme_for,
    zoom,
)
from capsviz.places import resources_folder

THEMES = pytest.mark.parametrize(
    "theme", [DARK, LIGHT, CONTRAST], ids=["dark", "light", "contrast"]
)
# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB
SEEN_BY = {
    "all cones": np.eye(3),
    "protanopes": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopes": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopes": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear(colour):
    parts = np.array(QColor(colour).getRgbF()[:3])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* of linear sRGB, D65."""
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(np.clip(matrix @ rgb / (0.9505, 1.0, 1.089), 0, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.01)


def surfaces(theme):
    return theme.ground, theme.card, theme.raised


@pytest.fixture
def usual_look(qapp):
    """The application as it was, afterwards."""
    yield qapp
    set_zoom(qapp, 1.0)
    qapp.setStyleSheet("")


def wear(application, theme):
    apply_palette(application, theme)
    apply_style_sheet(application, theme)


@pytest.fixture
def words(qtbot, usual_look):
    """A window with a plain label, a small one, and a control."""
    wear(usual_look, DARK)
    window = QWidget()
    layout = QVBoxLayout(window)
    labels = QLabel("plain"), QLabel("small"), QCheckBox("control")
    labels[1].setFont(font(SMALL))
    for label in labels:
        layout.addWidget(label)
    qtbot.addWidget(window)
    window.show()
    yield labels
    window.close()


def sizes(widgets):
    return [widget.font().pointSizeF() for widget in widgets]


@THEMES
def test_words_stand_out(theme):
    for surface in surfaces(theme):
        assert contrast(theme.text, surface) >= 7
        assert contrast(theme.quiet, surface) >= 4.5
    assert contrast(theme.accent, theme.card) >= 4.5
    assert contrast(theme.quiet, theme.paper) >= 4.5


@THEMES
def test_what_cannot_be_used_can_be_read(theme):
    assert all(contrast(theme.faint, surface) >= 3 for surface in surfaces(theme))
    assert contrast(theme.faint, theme.card) < contrast(theme.quiet, theme.card)


@THEMES
def test_focus_and_handles_stand_out(theme):
    """Rings in the accent, a switch's frame, a slider's groove and handle, a scroll bar."""
    for surface in surfaces(theme):
        for mark in (theme.accent, theme.quiet, theme.text, theme.faint):
            assert contrast(mark, surface) >= 3
    assert contrast(theme.warning, theme.raised) >= 3


@THEMES
def test_icons_of_the_style_sheet_stand_out(theme):
    """Arrows on fields; ticks on the accent and in menus."""

    def stroke(name):
        text = (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        return text.split('stroke="')[1].split('"')[0]

    for arrow in ("arrow-up", "arrow-down", "arrow-right"):
        assert contrast(stroke(arrow), theme.raised) >= 3
        assert contrast(stroke(arrow), theme.card) >= 3
    ticks = ("tick-light", "tick-dark") if theme.is_dark else ("tick-dark", "tick-light")
    assert contrast(stroke(ticks[0]), theme.raised) >= 4.5, "in a menu"
    assert contrast(stroke(ticks[1]), theme.accent) >= 4.5, "in a box that is ticked"


def test_high_contrast_draws_every_outline():
    for surface in surfaces(CONTRAST):
        assert contrast(CONTRAST.quiet, surface) >= 7
        assert contrast(CONTRAST.faint, surface) >= 4.5
        assert contrast(CONTRAST.line, surface) >= 3
        assert contrast(CONTRAST.edge, surface) >= 3
        assert contrast(CONTRAST.accent, surface) >= 4.5


def test_an_appearance_is_its_colours(qapp):
    assert theme_for("light") is LIGHT
    assert theme_for("dark") is DARK
    assert theme_for("contrast") is CONTRAST
    assert theme_for("system") in (LIGHT, DARK, CONTRAST)
    assert theme_for("edited by hand") is DARK


@THEMES
def test_a_theme_is_worn_by_what_is_on_screen(words, usual_look, theme):
    """Qt warns of a style sheet that it cannot read, and a warning fails a test."""
    wear(usual_look, theme)
    window = words[0].window()
    assert window.grab().toImage().pixelColor(1, 1).name() == theme.ground


def test_all_text_grows_and_shrinks_together(words, usual_look):
    before = sizes(words)
    set_zoom(usual_look, 1.5)
    assert sizes(words) == pytest.approx([1.5 * size for size in before])
    assert font(SMALL).pointSizeF() == pytest.approx(1.5 * before[1])
    wear(usual_look, LIGHT)
    assert sizes(words) == pytest.approx([1.5 * size for size in before]), (
        "another theme, as large"
    )
    assert zoom(usual_look) == pytest.approx(1.5)
    set_zoom(usual_look, 1.0)
    assert sizes(words) == pytest.approx(before)


def test_text_stays_between_four_fifths_and_twice_its_size(words, usual_look):
    usual = words[0].font().pointSizeF()
    for asked, given in ((0.1, 0.8), (9.0, 2.0)):
        set_zoom(usual_look, asked)
        assert words[0].font().pointSizeF() == pytest.approx(given * usual)


def test_zoom_goes_step_by_step_and_stops_at_the_ends():
    steps = [1.0]
    while next_zoom(steps[-1], 1) != steps[-1]:
        steps.append(next_zoom(steps[-1], 1))
    assert tuple(steps) == ZOOMS[ZOOMS.index(1.0) :]
    assert next_zoom(0.8, -1) == 0.8
    assert next_zoom(1.07, -1) == 1.0, "from between two steps"


@THEMES
def test_digits_stand_out(theme):
    assert len(set(theme.digits)) == 10
    assert all(contrast(colour, theme.card) >= 3 for colour in theme.digits)
    words = [theme.word(digit) for digit in range(10)]
    assert len(set(words)) == 10
    assert all(contrast(word, theme.card) >= 4.5 for word in words)
    kept = [word for word, colour in zip(words, theme.digits, strict=True) if word == colour]
    assert kept, "what can be read stays as it is"
    assert theme.word(13) == theme.word(3)


def test_colours_are_mixed():
    assert mixed("#000000", "#ff8040") == "#7f4020"
    assert mixed("#102030", "#ff8040", 0) == "#102030"
    assert mixed("#102030", "#ff8040", 1) == "#ff8040"


@THEMES
@pytest.mark.parametrize("matrix", SEEN_BY.values(), ids=SEEN_BY)
def test_digits_stay_apart_for_the_colour_blind(theme, matrix):
    seen = [lab(np.clip(matrix @ linear(colour), 0, 1)) for colour in theme.digits]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 15
