"""The report of a run's kept network, as report.safetensors beside it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch

from capsviz.files import CapsvizError
from capsviz.network.tensorfile import read_tensors, write_tensors
from capsviz.training.report import Health, Report

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]

_KIND = "capsviz-training-report"
_OF_HEALTH = fields(Health)


class _Numbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    step: int
    margin_loss: float
    wrong_pairs: int | None = None


def save_report(path: Path, report: Report) -> None:
    """Write a report atomically.

    Raises:
        CapsvizError: the file cannot be written.
    """
    arrays = _arrays(report)
    arrays |= {f"health.{name}": array for name, array in _arrays(report.health).items()}
    tensors = {name: torch.from_numpy(_plain(array)) for name, array in arrays.items()}
    numbers = _Numbers(report.step, report.margin_loss, report.wrong_pairs)
    write_tensors(path, _KIND, tensors, {"numbers": msgspec.json.encode(numbers).decode()})


def load_report(path: Path) -> Report:
    """Read a report that `save_report` wrote.

    Raises:
        CapsvizError: the file is missing, damaged, or of another kind.
    """
    tensors, texts = read_tensors(path, _KIND)
    arrays: dict[str, Any] = {name: tensor.numpy() for name, tensor in tensors.items()}
    try:
        numbers = msgspec.json.decode(texts["numbers"], type=_Numbers)
        health = {entry.name: _flags(arrays.pop(f"health.{entry.name}")) for entry in _OF_HEALTH}
        arrays.setdefault("reconstructions", None)
        return Report(
            numbers.step,
            numbers.margin_loss,
            health=Health(**health),
            wrong_pairs=numbers.wrong_pairs,
            **arrays,
        )
    except (KeyError, TypeError, msgspec.MsgspecError) as error:
        raise CapsvizError(
            f"{path} is a report of another version of this program; train on to write it anew."
        ) from error


def _arrays(record: Report | Health) -> dict[str, Array]:
    values = {entry.name: getattr(record, entry.name) for entry in fields(record)}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


def _plain(array: Array) -> Array:
    return array.astype(np.uint8) if array.dtype == np.bool_ else array


def _flags(array: Array) -> Array:
    return array.astype(np.bool_) if array.dtype == np.uint8 else array
