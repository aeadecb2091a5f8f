"""A network in one .safetensors file: weights, configuration, provenance, checksum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec
import torch

from capsviz.files import CapsvizError, one_line
from capsviz.network.config import CapsNetConfig, Provenance
from capsviz.network.fast import FastCapsNet
from capsviz.network.tensorfile import check_finite, read_tensors, read_texts, write_tensors

if TYPE_CHECKING:
    from pathlib import Path

    from capsviz.network.capsnet import CapsNet

_T = TypeVar("_T")
# halved too, it alone would change lengths by eight times as much as all others together
_WHOLE = "conv1."
_KIND = "capsviz-network"
_PARAMETER_LIMIT = 200_000_000  # 24 times the paper's network: a hostile size is refused early


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A loaded network and where it comes from.

    Attributes:
        model: in evaluation mode, fp32, on the CPU; treat as read-only.
        provenance: what the file says of its training.
    """

    model: FastCapsNet
    provenance: Provenance


def save_checkpoint(
    path: Path, model: CapsNet, provenance: Provenance, dtype: torch.dtype = torch.float32
) -> None:
    """Write the network to `path` atomically.

    Args:
        path: the file to make or replace.
        model: any device.
        provenance: written beside the weights.
        dtype: storage type of the weights; half precision halves the file. The first
            convolution stays as it is.

    Raises:
        CapsvizError: the file cannot be written, or `dtype` cannot hold the weights.
    """
    weights = model.state_dict().items()
    tensors = {n: w if n.startswith(_WHOLE) else w.to(dtype) for n, w in weights}
    if not all(bool(tensor.isfinite().all()) for tensor in tensors.values()):
        raise CapsvizError(f"Did not write {path}: the weights are not finite in {dtype}.")
    texts = {
        "config": _encode(path, model.config),
        "provenance": _encode(path, provenance),
    }
    write_tensors(path, _KIND, tensors, texts)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a network that `save_checkpoint` wrote.

    Raises:
        CapsvizError: the file is missing, damaged, foreign, of wrong names, shapes or types, or
            holds numbers that are not finite; one sentence says which.
    """
    tensors, texts = read_tensors(path, _KIND)
    config, provenance = _about(path, texts)
    with torch.device("meta"):  # shapes without memory, so a hostile size costs nothing
        model = FastCapsNet(config)
    _check_names_and_shapes(path, model, tensors)
    plain = {name: tensor.to(torch.float32, copy=True) for name, tensor in tensors.items()}
    wide = {name for name, tensor in tensors.items() if tensor.dtype == torch.float64}
    check_finite(path, {name: plain[name] for name in wide})  # again: it may be beyond fp32
    model.load_state_dict(plain, assign=True)
    return Checkpoint(model.eval().requires_grad_(False), provenance)


def read_about(path: Path) -> tuple[CapsNetConfig, Provenance]:
    """What a network's file says of it; its weights are neither read nor checked.

    Raises:
        CapsvizError: the file is missing, foreign, or says what is not understood.
    """
    return _about(path, read_texts(path, _KIND))


def _about(path: Path, texts: dict[str, str]) -> tuple[CapsNetConfig, Provenance]:
    config = _decode(path, texts, "config", CapsNetConfig)
    return config, _decode(path, texts, "provenance", Provenance)


def _encode(path: Path, value: msgspec.Struct) -> str:
    """JSON that can be read back: bounds are checked on reading only."""
    try:
        text = msgspec.json.encode(value)
        msgspec.json.decode(text, type=type(value))
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise CapsvizError(
            f"Did not write {path}: it could not be read back ({one_line(error)})."
        ) from error
    return text.decode()


def _decode(path: Path, texts: dict[str, str], key: str, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(texts.get(key, ""), type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise CapsvizError(
            f"The {key} stored in {path} is not understood ({one_line(error)}); "
            "it was made by another program or a newer version."
        ) from error


def _check_names_and_shapes(path: Path, model: CapsNet, found: dict[str, torch.Tensor]) -> None:
    expected = model.state_dict()
    if sum(tensor.numel() for tensor in expected.values()) > _PARAMETER_LIMIT:
        raise CapsvizError(f"{path} describes more than {_PARAMETER_LIMIT:,} parameters; refused.")
    if expected.keys() != found.keys():
        name = sorted(expected.keys() ^ found.keys())[0]
        how = "lacks" if name in expected else "has an unknown"
        raise CapsvizError(
            f"{path} {how} tensor {one_line(name, 80)}; it is no network of this program."
        )
    for name, tensor in found.items():
        want = tuple(expected[name].shape)
        if tuple(tensor.shape) != want or not tensor.is_floating_point():
            raise CapsvizError(
                f"Tensor {name} in {path} should be floating point of shape {want}, but is "
                f"{tensor.dtype} of shape {tuple(tensor.shape)}."
            )
