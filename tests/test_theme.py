"""The visual language keeps its promises: contrast, one colour per digit, colour-blind too."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from capsviz.gui.look.theme import DARK, LIGHT, contrast

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
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


@THEMES
def test_words_stand_out(theme):
    for surface in (theme.ground, theme.card, theme.raised):
        assert contrast(theme.text, surface) >= 7
        assert contrast(theme.quiet, surface) >= 4.5
    assert contrast(theme.accent, theme.card) >= 4.5
    assert contrast(theme.quiet, theme.paper) >= 4.5


@THEMES
def test_digits_stand_out(theme):
    assert len(set(theme.digits)) == 10
    assert all(contrast(colour, theme.card) >= 3 for colour in theme.digits)


@THEMES
@pytest.mark.parametrize("matrix", SEEN_BY.values(), ids=SEEN_BY)
def test_digits_stay_apart_for_the_colour_blind(theme, matrix):
    seen = [lab(np.clip(matrix @ linear(colour), 0, 1)) for colour in theme.digits]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 15
