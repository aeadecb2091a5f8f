"""The texts of a run's folder, read without torch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import msgspec

from capsviz.files import CapsvizError, one_line, read_bytes, reason, write_atomically
from capsviz.training.plan import RunPlan
from capsviz.training.progress import Metrics, Progress

if TYPE_CHECKING:
    from pathlib import Path

_T = TypeVar("_T")
_LIMIT = 2**20  # bytes of a plan
_METRICS_LIMIT = 2**30  # bytes; a line has 300, thirty million steps
_TAIL = 2**14  # bytes that hold the last line in any case

PLAN, METRICS = "run.json", "metrics.jsonl"
STATE, MODEL, REPORT = "state.safetensors", "model.safetensors", "report.safetensors"
BEFORE, COMPARISON = "before.json", "comparison.json"
TROUBLE = "trouble.txt"


def read_plan(folder: Path) -> RunPlan:
    """The plan a run was begun with.

    Raises:
        CapsvizError: there is no run here, or its settings are not understood.
    """
    path = folder / PLAN
    if not path.exists():
        raise CapsvizError(f"{folder} holds no run to resume: {PLAN} is missing.")
    return decoded(path, read_bytes(path, _LIMIT), RunPlan)


def read_metrics(folder: Path) -> list[Progress]:
    """Every line of the metrics; a last line cut short by a kill is left out.

    Raises:
        CapsvizError: the file cannot be read, or a line is none.
    """
    path = folder / METRICS
    lines = read_bytes(path, _METRICS_LIMIT).split(b"\n")[:-1]
    return [Progress.of(decoded(path, line, Metrics)) for line in lines]


def last_metrics(folder: Path) -> Progress | None:
    """The last whole line of the metrics, if any, from the file's end alone.

    Raises:
        CapsvizError: the file cannot be read, or the line is none.
    """
    path = folder / METRICS
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            whole = file.read(_TAIL).split(b"\n")[:-1]
    except OSError as error:
        raise CapsvizError(f"Could not read {path}: {reason(error)}.") from error
    return Progress.of(decoded(path, whole[-1], Metrics)) if whole else None


def keep_trouble(folder: Path, sentence: str) -> None:
    """Write down what went wrong at the end of a run, when nobody could be told.

    Raises:
        CapsvizError: it cannot be written.
    """
    write_atomically(folder / TROUBLE, sentence.encode())


def trouble_of(folder: Path) -> str:
    """What went wrong when the run was last worked on, in one sentence; "" if nothing did."""
    path = folder / TROUBLE
    try:
        return one_line(read_bytes(path, _LIMIT).decode(errors="replace")) if path.exists() else ""
    except CapsvizError as error:
        return str(error)


def decoded(path: Path, content: bytes, kind: type[_T]) -> _T:
    """JSON of a file as a value of that type.

    Raises:
        CapsvizError: it is no such JSON; names the file.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CapsvizError(
            f"{path} is damaged or from another version: {one_line(error)}."
        ) from error
