"""The CapsNet of the paper, its losses and its checkpoint file."""

from capsviz.network.capsnet import CapsNet, RoutingTrace, lengths_of, route, squash
from capsviz.network.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from capsviz.network.config import MAX_ITERATIONS, CapsNetConfig, Provenance
from capsviz.network.losses import margin_loss, reconstruction_loss

__all__ = [
    "MAX_ITERATIONS",
    "CapsNet",
    "CapsNetConfig",
    "Checkpoint",
    "Provenance",
    "RoutingTrace",
    "lengths_of",
    "load_checkpoint",
    "margin_loss",
    "reconstruction_loss",
    "route",
    "save_checkpoint",
    "squash",
]
