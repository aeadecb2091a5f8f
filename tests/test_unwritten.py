"""The kernels that route without votes, run number by number by Triton's interpreter.

What they give on a real device is in test_cuda.py.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from capsviz.network import routed, unwritten

pytest.importorskip("triton", reason="Triton comes with torch only where it is built for CUDA")
COMPARE = """
import torch
from capsviz.network import routed, unwritten

def found(work, primary, weight, classes, iterations, arriving):
    leaves = primary.clone().requires_grad_(), weight.clone().requires_grad_()
    poses = work(*leaves, classes, iterations)
    poses.backward(arriving)
    return poses.detach(), leaves[0].grad, leaves[1].grad

def compare(images, inputs, units, classes, dims, iterations):
    primary = torch.randn(images, inputs, units) / 2
    weight = torch.randn(inputs, units, classes * dims)
    arriving = torch.randn(images, classes, dims)
    exact = [each.double() for each in (primary, weight, arriving)]
    wanted = found(routed.routed, *exact[:2], classes, iterations, exact[2])
    given = found(unwritten.routed_unwritten, primary, weight, classes, iterations, arriving)
    for one, other in zip(given, wanted, strict=True):
        assert one.shape == other.shape
        assert (one - other).abs().max() < 1e-5 * other.abs().max(), (one - other).abs().max()
    print("alike", images)

torch.manual_seed(1)
compare(5, 9, 3, 10, 16, 3)
compare(2, 9, 3, 5, 6, 1)
compare(3, 17, 8, 10, 16, 4)
compare(33, 3, 2, 2, 2, 2)
"""


def test_poses_and_gradients_are_those_of_plain_routing_in_float64():
    given, interpreted = [sys.executable, "-c", COMPARE], os.environ | {"TRITON_INTERPRET": "1"}
    told = subprocess.run(given, env=interpreted, capture_output=True, text=True, timeout=100)
    assert told.stdout.split() == "alike 5 alike 2 alike 3 alike 33".split(), told.stderr


def test_a_processor_routes_plainly():
    primary, weight = torch.randn(2, 9, 3), torch.randn(9, 3, 6)
    assert not unwritten.can_route_unwritten(primary, weight, 2)
    assert routed.routed(primary, weight, 2, 3).shape == (2, 2, 3)


def test_where_nothing_compiles_all_goes_plainly(monkeypatch):
    def fail(*_given):
        raise RuntimeError("no C compiler found")

    monkeypatch.setattr(unwritten, "_Routing", fail)
    assert not unwritten._compiles(torch.device("cpu"))


def test_a_compiler_that_errs_is_not_used(monkeypatch):
    class Wrong:
        def __init__(self, primary, weight, classes, _iterations):
            self.poses = [primary.new_ones(1, classes, weight.shape[2] // classes)]

        def gradients(self, arriving):
            return arriving, arriving

    monkeypatch.setattr(unwritten, "_Routing", Wrong)
    assert not unwritten._compiles(torch.device("cpu", 0))


@pytest.fixture(autouse=True)
def forget():
    unwritten._compiles.cache_clear()
    yield
    unwritten._compiles.cache_clear()
