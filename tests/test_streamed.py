"""The kernels that route on a CUDA device, run number by number by Triton's interpreter.

What they give on a real device is in test_cuda.py.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from capsviz.network import routed, streamed

pytest.importorskip("triton", reason="Triton comes with torch only where it is built for CUDA")
CPU = torch.device("cpu")
COMPARE = """
import torch
from capsviz.network import routed, streamed

def found(work, primary, weight, classes, iterations, arriving):
    leaves = primary.clone().requires_grad_(), weight.clone().requires_grad_()
    poses = work(*leaves, classes, iterations)
    poses.backward(arriving)
    return poses.detach(), leaves[0].grad, leaves[1].grad

def compare(images, inputs, units, classes, dims, iterations, scale=0.5):
    primary = torch.randn(images, inputs, units) * scale
    weight = torch.randn(inputs, units, classes * dims)
    arriving = torch.randn(dims, classes, images).permute(2, 1, 0)  # not in the order of memory
    exact = [each.double() for each in (primary, weight, arriving)]
    wanted = found(routed.routed, *exact[:2], classes, iterations, exact[2])
    given = found(streamed.routed_streaming, primary, weight, classes, iterations, arriving)
    for one, other in zip(given, wanted, strict=True):
        assert one.shape == other.shape
        assert (one - other).abs().max() <= 1e-5 * other.abs().max(), (one - other).abs().max()
    print("alike", images)

torch.manual_seed(1)
compare(5, 9, 3, 10, 16, 3)
compare(2, 9, 3, 5, 6, 1)
compare(3, 17, 8, 10, 16, 4)
compare(33, 3, 2, 2, 2, 2)
compare(4, 40, 8, 10, 16, 3, scale=0.0)  # of an empty image: no direction, and no gradient of it
compare(6, 5, 8, 10, 16, 2, scale=1e25)  # a vector whose square is too large for fp32
"""


@pytest.mark.slow
def test_poses_and_gradients_are_those_of_plain_routing_in_float64():
    given, interpreted = [sys.executable, "-c", COMPARE], os.environ | {"TRITON_INTERPRET": "1"}
    told = subprocess.run(given, env=interpreted, capture_output=True, text=True, timeout=100)
    assert told.stdout.split() == "alike 5 alike 2 alike 3 alike 33 alike 4 alike 6".split(), (
        told.stderr
    )


def test_a_processor_routes_plainly():
    primary, weight = torch.randn(2, 9, 3), torch.randn(9, 3, 6)
    assert not streamed.can_route_streaming(primary, weight, 2)
    assert routed.routed(primary, weight, 2, 3).shape == (2, 2, 3)


def test_where_nothing_compiles_all_goes_plainly(monkeypatch):
    def fail(*_given):
        raise RuntimeError("no C compiler found")

    monkeypatch.setattr(streamed, "_Passes", fail)
    assert not streamed._compiles(CPU, 2, 4)


def test_a_device_without_memory_is_asked_again(monkeypatch):
    def fail(*_given):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(streamed, "_Passes", fail)
        with pytest.raises(torch.OutOfMemoryError):
            streamed._compiles(CPU, 2, 4)
    monkeypatch.setattr(streamed, "_Passes", Plain)
    assert streamed._compiles(CPU, 2, 4)


class Plain:
    """Routing as a kernel that is right would do it."""

    spoilt = None

    def __init__(self, primary, weight, classes, iterations):
        self._leaves = primary.clone().requires_grad_(), weight.clone().requires_grad_()
        with torch.enable_grad():
            self.poses = [routed.routed(*self._leaves, classes, iterations)]
        if self.spoilt == "poses":
            self.poses = [self.poses[0] * 1.01]

    def gradients(self, arriving):
        below, change = torch.autograd.grad(self.poses[-1], self._leaves, arriving)
        return below, change * (1.01 if self.spoilt == "gradient" else 1)


@pytest.mark.parametrize("part", [None, "poses", "gradient"])
def test_a_compiler_that_errs_is_not_used(monkeypatch, part):
    monkeypatch.setattr(streamed, "_Passes", Plain)
    monkeypatch.setattr(Plain, "spoilt", part)
    assert streamed._compiles(CPU, 10, 16) == (part is None)


@pytest.mark.parametrize(
    ("images", "inputs", "classes", "suits"),
    [
        (128, 1152, 10, True),
        (512, 4608, 10, True),
        (128, 1152, 64, True),
        (128, 1152, 100, False),
        (9000, 4608, 10, False),
    ],
    ids=["the paper's", "a large one", "letters", "many classes", "too many numbers to count"],
)
def test_sizes_that_the_kernels_cannot_count_or_hold_go_plainly(images, inputs, classes, suits):
    with torch.device("meta"):
        primary, weight = torch.empty(images, inputs, 8), torch.empty(inputs, 8, classes * 16)
    assert streamed._fits(primary, weight, classes) == suits


@pytest.fixture(autouse=True)
def forget():
    streamed._compiles.cache_clear()
    yield
    streamed._compiles.cache_clear()
