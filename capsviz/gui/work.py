"""The work of the threads, and requests that carry all it needs.

torch takes seconds to import, so the rooms that need it are imported here, in the thread that
needs them first, while the window is already on screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsviz.gui.scene import Scene

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.explore.answers import Explanation, Redrawing
    from capsviz.explore.models import LoadedModel
    from capsviz.network import CapsNet

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ExplainRequest:
    """Network, (S, S) image in 0 … 1, routing iterations, and what beyond the usual is seen."""

    network: CapsNet
    image: Floats
    iterations: int
    with_curve: bool = False
    with_redrawn: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class DecodeRequest:
    """Network, digit capsule and its (D,) pose."""

    network: CapsNet
    digit: int
    pose: Floats


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """The file, and the network's image size."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """A model's name or path and a device's name."""

    model: str
    device: str


def explain_image(request: ExplainRequest) -> Explanation:
    """In the explain thread."""
    from capsviz.explore.explain import explain

    return explain(
        request.network,
        request.image,
        request.iterations,
        with_curve=request.with_curve,
        with_redrawn=request.with_redrawn,
    )


def decode_pose(request: DecodeRequest) -> Redrawing:
    """In the decode thread."""
    from capsviz.explore.answers import Redrawing
    from capsviz.explore.explain import reconstruct

    image = reconstruct(request.network, request.pose, request.digit)
    return Redrawing(request.digit, request.pose, image)


def load(request: LoadRequest) -> LoadedModel:
    """In the load thread."""
    from capsviz.explore.models import load_model

    return load_model(request.model, request.device)


def open_file(request: OpenRequest) -> tuple[Scene, str]:
    """In the open thread: what the canvas then holds, and the name of that step."""
    from capsviz.data.drawing import on_canvas
    from capsviz.data.images import image_to_input
    from capsviz.data.strokes import read_strokes

    name = request.path.name
    if request.path.suffix.lower() == ".jsonl":
        return Scene(on_canvas(read_strokes(request.path)[0].drawing)), f"open {name}"
    return Scene(ground=image_to_input(request.path, request.size)), f"open {name}"
