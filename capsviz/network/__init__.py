"""The CapsNet of the paper, its losses and its checkpoint file.

Names are fetched when first used: the window wants `MAX_ITERATIONS` at once, but torch, which
takes seconds to import, only in the thread that loads the network.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsviz.network.capsnet import CapsNet, RoutingTrace, lengths_of, route, squash
    from capsviz.network.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
    from capsviz.network.config import CapsNetConfig, Provenance
    from capsviz.network.device import (
        DEVICES,
        NoDeviceError,
        choose_device,
        has_fast_bf16,
        sent,
    )
    from capsviz.network.fast import FastCapsNet
    from capsviz.network.limits import MAX_ITERATIONS
    from capsviz.network.losses import margin_loss, reconstruction_loss
    from capsviz.network.recorded import Recorded

__all__ = [
    "DEVICES",
    "MAX_ITERATIONS",
    "CapsNet",
    "CapsNetConfig",
    "Checkpoint",
    "FastCapsNet",
    "NoDeviceError",
    "Provenance",
    "Recorded",
    "RoutingTrace",
    "choose_device",
    "has_fast_bf16",
    "lengths_of",
    "load_checkpoint",
    "margin_loss",
    "reconstruction_loss",
    "route",
    "save_checkpoint",
    "sent",
    "squash",
]

_HOMES = {
    "capsnet": ("CapsNet", "RoutingTrace", "lengths_of", "route", "squash"),
    "checkpoint": ("Checkpoint", "load_checkpoint", "save_checkpoint"),
    "config": ("CapsNetConfig", "Provenance"),
    "device": ("DEVICES", "NoDeviceError", "choose_device", "has_fast_bf16", "sent"),
    "fast": ("FastCapsNet",),
    "recorded": ("Recorded",),
    "limits": ("MAX_ITERATIONS",),
    "losses": ("margin_loss", "reconstruction_loss"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
