"""Where a network computes is chosen by name, and never a device that is not there."""

import pytest
import torch

from capsviz.files import CapsvizError
from capsviz.network import choose_device


def pretend(monkeypatch, cuda, mps):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "best"),
    [(False, False, "cpu"), (True, False, "cuda"), (False, True, "mps"), (True, True, "cuda")],
)
def test_auto_takes_the_fastest_that_is_there(monkeypatch, cuda, mps, best):
    pretend(monkeypatch, cuda, mps)
    assert choose_device().type == best
    assert choose_device("cpu").type == "cpu"


@pytest.mark.parametrize("name", ["cuda", "mps", "tpu", "", "cpu:0"])
def test_a_device_that_is_not_there_is_refused(monkeypatch, name):
    pretend(monkeypatch, False, False)
    with pytest.raises(CapsvizError, match="choose one of: cpu") as caught:
        choose_device(name)
    assert repr(name) in str(caught.value)
