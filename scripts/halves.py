"""A network as half precision stores it; for the scripts that make weights."""

import tempfile
from pathlib import Path

import torch

from capsviz.network import CapsNet, Provenance, load_checkpoint, save_checkpoint


def as_stored(model: CapsNet) -> CapsNet:
    """The network as a file in half precision gives it back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "halved.safetensors"
        save_checkpoint(path, model, Provenance(), torch.float16)
        return load_checkpoint(path).model
