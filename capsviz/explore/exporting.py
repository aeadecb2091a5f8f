"""A network as an ONNX file, for programs that have no torch."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from capsviz.files import CapsvizError, write_atomically
from capsviz.network import CapsNet, lengths_of

if TYPE_CHECKING:
    from pathlib import Path

_OUTPUTS = ("lengths", "poses", "couplings", "reconstruction")
_NEEDED = ("onnx", "onnxscript")


class _Answering(nn.Module):
    """What the file computes; names and shapes are those of `export_onnx`."""

    def __init__(self, network: CapsNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        trace = self.network.trace(images)
        poses = trace.poses[-1]
        lengths = lengths_of(poses)
        found = (lengths, poses, trace.couplings.transpose(0, 1))
        if self.network.decoder is None:
            return found
        return (*found, self.network.decode(poses, lengths.argmax(dim=1)))


def check_packages() -> None:
    """Whether what writes ONNX is installed.

    Raises:
        CapsvizError: it is not; says how to install it.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise CapsvizError(
            f"Expected the packages that write ONNX, found no {' and no '.join(missing)}; "
            "install them by: pip install 'capsviz[onnx]'"
        )


def export_onnx(network: CapsNet, path: Path) -> tuple[str, ...]:
    """Write the network, routing included, as one ONNX file in fp32.

    Its input is `images` (n, 1, H, W), 0 … 1, for any n. Its outputs are `lengths` (n, J), `poses`
    (n, J, D), `couplings` (n, R, I, J) of every routing iteration and, with a decoder,
    `reconstruction` (n, 1, H, W) of the longest capsule. R is the trained number.

    Args:
        network: on any device.
        path: to be written.

    Returns:
        the names of its outputs, in their order.

    Raises:
        CapsvizError: the packages that write ONNX are missing, or the file cannot be written.
    """
    check_packages()
    names = _OUTPUTS if network.decoder is not None else _OUTPUTS[:-1]
    write_atomically(path, _content(_plain(network), names))
    return names


def _plain(network: CapsNet) -> CapsNet:
    """The same weights in the plain network: the fast one's shortcuts are no ONNX."""
    plain = CapsNet(network.config)
    plain.load_state_dict(network.state_dict())
    return plain.eval().requires_grad_(False)


def _content(network: CapsNet, names: tuple[str, ...]) -> bytes:
    side = network.config.image_size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own parts
        program = torch.onnx.export(
            _Answering(network).eval(),
            (torch.zeros(2, 1, side, side),),
            input_names=["images"],
            output_names=list(names),
            dynamic_shapes={"images": {0: torch.export.Dim("n")}},
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    content: bytes = program.model_proto.SerializeToString()
    return content
