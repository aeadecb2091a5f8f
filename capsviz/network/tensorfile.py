"""A .safetensors file with a kind, named JSON texts and a checksum; never a pickle."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import safetensors.torch
import torch

from capsviz.files import CapsvizError, one_line, read_bytes, reason, write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LIMIT = 2 * 2**30  # bytes; the paper's network with its optimizer's state is 0.1 GiB
_HEADER_LIMIT = 2**20  # bytes; hundreds of tensor names fit
_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int64, torch.uint8)


def write_tensors(
    path: Path, kind: str, tensors: Mapping[str, torch.Tensor], texts: Mapping[str, str]
) -> None:
    """Write tensors and texts to `path` atomically, with a checksum over both.

    Raises:
        CapsvizError: the file cannot be written; what stood there stays whole.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    metadata = {"kind": kind, **texts}
    metadata["sha256"] = _digest(plain, metadata)
    write_atomically(path, safetensors.torch.save(plain, metadata))


def read_tensors(path: Path, kind: str) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The tensors and texts of a file that `write_tensors` made, checked whole and finite.

    Raises:
        CapsvizError: missing, unreadable, truncated, of another kind, changed since it was
            written, or holding numbers that are not finite.
    """
    content = read_bytes(path, _LIMIT)
    metadata = _metadata(path, content, kind)
    tensors = _tensors(path, content)
    if metadata.get("sha256") != _digest(tensors, metadata):
        raise CapsvizError(
            f"{path} is damaged: its checksum does not match its content; take a fresh copy."
        )
    check_finite(path, tensors)
    return tensors, metadata


def read_texts(path: Path, kind: str) -> dict[str, str]:
    """The texts alone, from the file's beginning; its tensors are neither read nor checked.

    Raises:
        CapsvizError: missing, unreadable, or of another kind.
    """
    try:
        with path.open("rb") as file:
            return _metadata(path, file.read(8 + _HEADER_LIMIT), kind)
    except OSError as error:
        raise CapsvizError(f"Could not read {path}: {reason(error)}.") from error


def _metadata(path: Path, content: bytes, kind: str) -> dict[str, str]:
    metadata = _texts(path, content)
    if metadata.get("kind") != kind:
        raise CapsvizError(
            f"{path} is a .safetensors file but no {kind} of this program "
            f"(its kind is {metadata.get('kind', 'not given')!r:.80}); choose another file."
        )
    return metadata


def _texts(path: Path, content: bytes) -> dict[str, str]:
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or not 0 < size <= min(_HEADER_LIMIT, len(content) - 8):
        raise _foreign(path, content)
    try:
        header = msgspec.json.decode(content[8 : 8 + size], type=dict[str, msgspec.Raw])
        return msgspec.json.decode(header.get("__metadata__", b"{}"), type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _foreign(path, content) from error


def _tensors(path: Path, content: bytes) -> dict[str, torch.Tensor]:
    try:
        tensors = safetensors.torch.load(content)
    except Exception as error:  # the reader raises its own, KeyError, ValueError and more
        raise _foreign(path, content) from error
    unknown = {str(tensor.dtype) for tensor in tensors.values() if tensor.dtype not in _DTYPES}
    if unknown:
        raise CapsvizError(f"{path} holds tensors of type {sorted(unknown)[0]}; none is expected.")
    return tensors


def _foreign(path: Path, content: bytes) -> CapsvizError:
    found = "an empty file" if not content else f"{len(content)} bytes that are none, or cut short"
    if content[:2] == b"PK" or content[:1] == b"\x80":
        found = "a pickle or zip archive, which this program never opens"
    return CapsvizError(f"Expected a whole .safetensors file in {path}, found {found}.")


def _digest(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    texts = sorted((key, text) for key, text in metadata.items() if key != "sha256")
    digest.update(msgspec.json.encode(texts))
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        digest.update(f"\n{name} {tensor.dtype} {list(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def check_finite(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Refuse NaN and infinity, naming the tensor.

    Raises:
        CapsvizError: a number is not finite.
    """
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not _is_finite(tensor):
            raise CapsvizError(
                f"The tensor {one_line(name, 80)} in {path} holds numbers that are not finite "
                "(NaN or infinity); the training that made it diverged, so choose other weights."
            )


def _is_finite(tensor: torch.Tensor) -> bool:
    """By its two extremes, which a NaN makes NaN: that takes a fifth of asking each number."""
    return not tensor.numel() or all(bool(end.isfinite()) for end in torch.aminmax(tensor))
