"""Choosing where a network computes."""

from __future__ import annotations

import torch

from capsviz.files import CapsvizError

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA, else Apple's MPS, else the CPU.

    Raises:
        CapsvizError: there is no such device on this machine.
    """
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if present[kind]))
    if not present.get(name, False):
        found = ", ".join(kind for kind, there in present.items() if there)
        raise CapsvizError(f"There is no device {name!r} on this machine; choose one of: {found}.")
    return torch.device(name)
