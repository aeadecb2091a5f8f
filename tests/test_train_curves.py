"""Numbers of a run as curves: none is forgotten, and few enough are drawn."""

import numpy as np
import pytest

from capsviz.gui.train.curves import Curves
from capsviz.gui.train.series import Series, smooth, thinned
from capsviz.training.progress import Progress


def told(step, **more):
    return Progress(
        step=step,
        total_steps=100,
        epoch=step / 10,
        margin_loss=1 / (step + 1),
        reconstruction_loss=40.0,
        training_error=0.5,
        images_per_second=100.0,
        seconds_left=1.0,
        **more,
    )


@pytest.fixture
def curves(qtbot):
    made = Curves()
    qtbot.addWidget(made)
    made.resize(400, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_series_keeps_the_mean_however_long_it_gets():
    series = Series()
    for step in range(10_000):
        series.add(step, step % 7)
    points = series.points
    assert len(points) <= 1200
    assert points[:-1, 1].mean() == pytest.approx(3, abs=0.01)
    assert (np.diff(points[:, 0]) > 0).all()


@pytest.mark.parametrize("count", [0, 1, 1200, 1201, 43_001])
def test_few_enough_points_are_drawn_and_their_mean_is_that_of_all(count):
    points = np.column_stack((np.arange(count), np.linspace(0, 1, count)))
    few = thinned(points)
    assert len(few) <= 1201
    if count:
        assert few[:, 1].mean() == pytest.approx(points[:, 1].mean(), abs=0.01)
        assert few[-1, 0] >= points[-1, 0] * 0.99


def test_smoothing_is_the_mean_of_what_came_before():
    points = np.column_stack((np.arange(5), [1.0, 3.0, 5.0, 7.0, 9.0]))
    assert smooth(points, 2)[:, 1].tolist() == [1, 2, 3, 5, 7]


def test_a_validation_that_tells_of_its_step_first_is_drawn_as_a_step_too(curves):
    """As where an epoch is one batch."""
    for step in (1, 2, 3):
        curves.add([told(step, validation_error=0.1 * step)])
    assert len(curves.table().rows) == 6
    assert "Margin loss: 0.25" in curves.summary()


def test_a_step_that_was_told_is_not_told_again_by_its_validation(curves):
    curves.add([told(1), told(2), told(2, validation_error=0.25)])
    assert len(curves.table().rows) == 3
    assert curves.table().rows[-1][-1] == 0.25
