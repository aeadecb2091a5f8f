import pytest
from PySide6.QtCore import QObject

from capsviz.gui.playhead import Playhead


@pytest.fixture
def owner(qapp):
    return QObject()


@pytest.fixture
def playhead(owner):
    return Playhead(3, owner)


def test_it_stands_at_the_last_iteration_and_stays_there(playhead):
    playhead.set_count(7)
    assert playhead.iteration == 7


def test_who_moved_it_stays_where_he_was_if_there_still_is_such_an_iteration(playhead):
    playhead.scrub(2)
    playhead.set_count(5)
    assert playhead.iteration == 2
    playhead.set_count(1)
    assert playhead.iteration == 1


@pytest.mark.parametrize(("asked", "shown"), [(-4, 1), (0, 1), (2, 2), (99, 3)])
def test_scrubbing_is_clipped(playhead, asked, shown):
    playhead.scrub(asked)
    assert playhead.iteration == shown


def test_a_move_is_told_once_and_only_if_something_moved(playhead):
    told = []
    playhead.moved.connect(told.append)
    playhead.step_on()
    playhead.step_back()
    playhead.scrub(2)
    assert told == [2]


def test_playing_from_the_last_begins_at_the_first_and_ends_at_the_last(qtbot, playhead):
    playhead._timer.setInterval(1)
    told = []
    playhead.moved.connect(told.append)
    with qtbot.waitSignals([playhead.playing_changed] * 2, timeout=5_000):
        playhead.toggle()
    assert told == [1, 2, 3]
    assert not playhead.is_playing


def test_scrubbing_ends_playing(playhead):
    playhead.toggle()
    playhead.scrub(2)
    assert not playhead.is_playing
    assert playhead.iteration == 2


def test_pressing_play_twice_pauses(playhead):
    playhead.toggle()
    playhead.toggle()
    assert not playhead.is_playing
    assert playhead.iteration == 1
