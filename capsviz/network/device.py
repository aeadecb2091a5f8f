"""Choosing where a network computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from capsviz.files import CapsvizError

if TYPE_CHECKING:
    from torch import Tensor

DEVICES = ("auto", "cpu", "cuda", "mps")


class NoDeviceError(CapsvizError):
    """There is no such device on this machine."""


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA, else Apple's MPS, else the CPU.

    Raises:
        NoDeviceError: there is no such device on this machine.
    """
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if present[kind]))
    if not present.get(name, False):
        found = ", ".join(kind for kind, there in present.items() if there)
        what = f"There is no device {name!r} on this machine; choose one of: {found}."
        raise NoDeviceError(what)
    return torch.device(name)


def has_fast_bf16(device: torch.device) -> bool:
    """Whether the device multiplies bf16 natively, so that it is faster than fp32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    # torch has no public name for these yet; without them fp32 is right, only slower
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, probe, bool)()) for probe in probes)


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """A CPU tensor on the device, copied there without waiting for what the device still does."""
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)
