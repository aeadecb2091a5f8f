"""The work of the threads, and requests that carry all it needs.

torch takes seconds to import, so the rooms that need it are imported here, in the thread that
needs them first, while the window is already on screen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from capsviz.data.samples import sample_digits
from capsviz.files import CapsvizError
from capsviz.gui.scene import Scene
from capsviz.starting import settle

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from capsviz.data.mnist import Digits
    from capsviz.explore.answers import Explanation, PoseStatistics, Redrawing
    from capsviz.explore.describe import Effect
    from capsviz.explore.mistakes import Mistake
    from capsviz.explore.models import LoadedModel
    from capsviz.explore.sweep import Sweep
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


@dataclass(frozen=True, slots=True, eq=False)
class MistakeRequest:
    """Network, labelled digits, the index to look beyond, and the routing iterations."""

    network: CapsNet
    digits: Digits
    after: int
    iterations: int


@dataclass(frozen=True, slots=True, eq=False)
class OpenRequest:
    """A file or the bytes of one, what people call it, the network's image size, and which of a
    strokes file's drawings is meant, 0 …; beyond the last one they begin anew.
    """

    source: Path | bytes
    name: str
    size: int
    place: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """What the canvas then holds, the name of that step, a sentence about it, if any, and how to
    ask for the file's next drawing, if there are several.
    """

    scene: Scene
    what: str
    note: str = ""
    following: OpenRequest | None = None


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
    """In the load thread, with the digest; a network that a run keeps is named after the run."""
    try:
        from capsviz.explore.models import load_model
        from capsviz.explore.statistics import weights_digest
        from capsviz.training.runfiles import MODEL, PLAN
    finally:
        settle()
    model = load_model(request.model, request.device)
    model = replace(model, digest=weights_digest(model.network))
    place = model.path.resolve()
    if place.name == MODEL and (place.parent / PLAN).exists():
        return replace(model, name=f"run · {model.name}")
    return model


def open_file(request: OpenRequest) -> Opened:
    """In the open thread."""
    from capsviz.data.images import count_pictures, image_to_input

    source, name = request.source, request.name
    if not isinstance(source, bytes) and source.suffix.lower() == ".jsonl":
        return _open_strokes(source, request)
    ground, count = image_to_input(source, request.size, name=name), count_pictures(source)
    note = f"This is the first of the {count:,} pictures in {name}." if count > 1 else ""
    return Opened(Scene(ground=ground), f"open {name}", note)


def _open_strokes(path: Path, request: OpenRequest) -> Opened:
    from capsviz.data.drawing import on_canvas
    from capsviz.data.strokes import read_strokes

    entries, name = read_strokes(path), request.name
    count = len(entries)
    place = request.place % count  # after the last one, the first
    scene, what = Scene(on_canvas(entries[place].drawing)), f"open {name}"
    if count == 1:
        return Opened(scene, what)
    note = f"This is drawing {place + 1:,} of the {count:,} in {name}."
    return Opened(scene, what, note, replace(request, place=place + 1))


def describe_pose(request: DecodeRequest) -> tuple[Effect, ...]:
    """In the describe thread: what each dimension does to this digit."""
    from capsviz.explore.describe import describe

    return describe(request.network, request.pose, request.digit)


def sweep_pose(request: DecodeRequest) -> Sweep:
    """In the sweep thread: the paper's figure 4 for this pose."""
    from capsviz.explore.sweep import sweep

    return sweep(request.network, request.pose, request.digit)


def pose_distribution(model: LoadedModel) -> PoseStatistics | None:
    """In the statistics thread: from a file, else from the digits that ship with the program,
    which tell nothing of a network that reads something else.
    """
    from capsviz.data.framing import fit_images
    from capsviz.explore.statistics import statistics_for

    digits, config = sample_digits(), model.network.config
    if not config.reads_digits:
        return None
    images = fit_images(digits.images, config.image_size, config.border)
    return statistics_for(model.path, model.network, images, digits.labels)


def find_mistake(request: MistakeRequest) -> Mistake | None:
    """In the mistakes thread.

    Raises:
        CapsvizError: the network does not read digits.
    """
    from capsviz.explore.mistakes import next_mistake

    classes = request.network.config.classes
    if not request.network.config.reads_digits:
        raise CapsvizError(
            f"The samples are of the ten digits, and this network reads {classes} classes; choose "
            "a network that reads the digits."
        )

    return next_mistake(request.network, request.digits, request.after, request.iterations)
