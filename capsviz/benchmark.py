"""`capsviz benchmark`: how fast a trained network explains, redraws and evaluates real digits here
and how fast the paper's network learns, beside the plain network and the matrix-product speed of
the same process, so that figures of different machines can be compared.
"""

from __future__ import annotations

import itertools
import platform
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.backends import mkldnn
from torch.nn.functional import linear

from capsviz.data.framing import fit_images
from capsviz.data.samples import sample_digits
from capsviz.explore.explain import explain, lengths_in_batches, reconstruct
from capsviz.explore.models import DEFAULT_MODEL, load_model
from capsviz.explore.sweep import sweep
from capsviz.network import CapsNet, CapsNetConfig, FastCapsNet, has_fast_bf16
from capsviz.operations import answer_flop, train_flop
from capsviz.timing import Times, interleaved, peak_memory_mb
from capsviz.training.learner import Learner
from capsviz.training.settings import TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_BATCH = 128
_EVALUATED = 250  # images of one batch
_TOGETHER = {"cuda": 50}  # steps timed at once, else 1: a device on its own is not waited for
_EMULATED_ROWS = 36  # of the bf16 product where it is emulated: a full one would take a minute


@dataclass(frozen=True, slots=True)
class BenchmarkReport:
    """Figures of one process; times are medians, what is compared was measured in turn.

    "Plain" is the network as `capsnet.py` spells it. A fraction of a roof is the speed over that
    of doing all counted products of the plain network at the product speed; the convolution by
    Fourier coefficients, or from active units, needs fewer of them, so that it can exceed 1.

    Attributes:
        device, processor, torch, threads: where it was measured.
        model: the trained network that answers; it is shown the sample digits that come along.
        active_share: of conv1's units, those above 0 on these digits.
        explain_ms: one image: lengths, all couplings of three iterations, reconstruction.
        explain_min_ms, explain_p95_ms: the same, the shortest and the 95th percentile.
        explain_plain_ms: the same by the plain network.
        explain_untrained_ms: the same with random weights, shown noise: half of conv1's units
            are active then.
        explain_fraction_of_roof: of the fp32 product speed, by the shortest.
        decode_ms: one pose redrawn, as a slider asks for it again and again; None without a
            decoder.
        sweep_ms: 16 dimensions at 11 offsets redrawn, in turn with it; None without a decoder.
        evaluate_images_per_second: lengths only, batches of 250.
        evaluate_plain_images_per_second: the same by the plain network.
        evaluate_untrained_images_per_second: the same with random weights, shown noise.
        evaluate_10000_seconds: what 10 000 images take at `evaluate_images_per_second`.
        evaluate_fraction_of_roof: of the fp32 product speed, by the shortest.
        precision: of the convolutions in training.
        train_images_per_second: paper size, batch 128, full gradient and Adam.
        train_best_images_per_second: the same by the shortest step.
        train_plain_images_per_second: the same by the plain network.
        peak_memory_mb: the most memory the process held until it had trained, network, libraries
            and a batch of 128 included; None where the system does not tell.
        gemm_fp32_gflops, gemm_bf16_gflops: matrix products of the primary convolution's shape,
            the fastest of several, by the faster of torch's two libraries; bf16 on fewer rows
            where the processor emulates it.
        train_flop_per_image: forward and backward products of one image, counted.
        roof_images_per_second: training if all of it ran at the product speed of `precision`.
        train_fraction_of_roof: the ratio of `train_images_per_second` to it.
    """

    device: str
    processor: str
    torch: str
    threads: int
    model: str
    active_share: float
    explain_ms: float
    explain_min_ms: float
    explain_p95_ms: float
    explain_plain_ms: float
    explain_untrained_ms: float
    explain_fraction_of_roof: float
    decode_ms: float | None
    sweep_ms: float | None
    evaluate_images_per_second: float
    evaluate_plain_images_per_second: float
    evaluate_untrained_images_per_second: float
    evaluate_10000_seconds: float
    evaluate_fraction_of_roof: float
    precision: str
    train_images_per_second: float
    train_best_images_per_second: float
    train_plain_images_per_second: float
    peak_memory_mb: float | None
    gemm_fp32_gflops: float
    gemm_bf16_gflops: float
    train_flop_per_image: float
    roof_images_per_second: float
    train_fraction_of_roof: float


def run_benchmark(
    device: torch.device, repeats: int = 100, steps: int = 5, model: str = DEFAULT_MODEL
) -> BenchmarkReport:
    """Measure on one device; a minute on two cores.

    Args:
        device: where.
        repeats: single-image explanations and decodings timed.
        steps: training steps timed.
        model: the network that answers, by name or path.

    Raises:
        CapsvizError: there is no such network.
    """
    loaded = load_model(model, str(device))
    network = loaded.network
    config = network.config
    samples = sample_digits().images[:_EVALUATED]
    digits = fit_images(samples, config.image_size, config.border)
    times = _time_answers(network, digits, repeats)
    training, peak = _time_training(device, steps)
    times |= training
    images = _BATCH * _TOGETHER.get(device.type, 1)
    roofs = {"fp32": _gemm(device, torch.float32), "bf16": _gemm(device, torch.bfloat16)}
    return BenchmarkReport(
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        processor=platform.processor() or platform.machine(),
        torch=torch.__version__,
        threads=torch.get_num_threads(),
        model=loaded.name,
        active_share=_active_share(network, digits),
        peak_memory_mb=peak,
        gemm_fp32_gflops=roofs["fp32"],
        gemm_bf16_gflops=roofs["bf16"],
        **_answer_figures(config, times, roofs["fp32"]),
        **_training_figures(times, images, roofs, "bf16" if has_fast_bf16(device) else "fp32"),
    )


def _answer_figures(config: CapsNetConfig, times: Times, roof: float) -> dict[str, Any]:
    middle = {name: statistics.median(each) for name, each in times.items()}
    evaluated = _EVALUATED * answer_flop(config, with_decoder=False)
    return {
        "explain_ms": middle["explain"] * 1e3,
        "explain_min_ms": min(times["explain"]) * 1e3,
        "explain_p95_ms": float(np.percentile(times["explain"], 95)) * 1e3,
        "explain_plain_ms": middle["explain plain"] * 1e3,
        "explain_untrained_ms": middle["explain untrained"] * 1e3,
        "explain_fraction_of_roof": answer_flop(config) / min(times["explain"]) / roof / 1e9,
        "decode_ms": middle["decode"] * 1e3 if "decode" in middle else None,
        "sweep_ms": middle["sweep"] * 1e3 if "sweep" in middle else None,
        "evaluate_images_per_second": _EVALUATED / middle["evaluate"],
        "evaluate_plain_images_per_second": _EVALUATED / middle["evaluate plain"],
        "evaluate_untrained_images_per_second": _EVALUATED / middle["evaluate untrained"],
        "evaluate_10000_seconds": 10_000 / _EVALUATED * middle["evaluate"],
        "evaluate_fraction_of_roof": evaluated / min(times["evaluate"]) / roof / 1e9,
    }


def _training_figures(
    times: Times, images: int, roofs: Mapping[str, float], precision: str
) -> dict[str, Any]:
    flop = train_flop(CapsNetConfig())
    speed = images / statistics.median(times["train"])
    roof = roofs[precision] * 1e9 / flop
    return {
        "precision": precision,
        "train_images_per_second": speed,
        "train_best_images_per_second": images / min(times["train"]),
        "train_plain_images_per_second": images / statistics.median(times["train plain"]),
        "train_flop_per_image": flop,
        "roof_images_per_second": roof,
        "train_fraction_of_roof": speed / roof,
    }


def _time_answers(network: CapsNet, digits: Floats, repeats: int) -> Times:
    device = next(network.parameters()).device
    plain = _ready(CapsNet(network.config), device)
    plain.load_state_dict(network.state_dict())
    fresh = _ready(FastCapsNet(CapsNetConfig()).settle(), device)
    side = fresh.config.image_size
    noise = np.random.default_rng(0).random((_EVALUATED, side, side), np.float32)
    pose = explain(network, digits[0]).poses[-1, 0]
    shown = itertools.cycle(digits)
    single: dict[str, Callable[[], object]] = {
        "explain": lambda: explain(network, next(shown)),
        "explain plain": lambda: explain(plain, next(shown)),
        "explain untrained": lambda: explain(fresh, noise[0]),
    }
    redrawn: dict[str, Callable[[], object]] = {
        "decode": lambda: reconstruct(network, pose, 0),
        "sweep": lambda: sweep(network, pose, 0),
    }
    many = {
        "evaluate": lambda: list(lengths_in_batches(network, digits, _EVALUATED)),
        "evaluate plain": lambda: list(lengths_in_batches(plain, digits, _EVALUATED)),
        "evaluate untrained": lambda: list(lengths_in_batches(fresh, noise, _EVALUATED)),
    }
    times = interleaved(single, repeats, warmup=10) | interleaved(many, 4)
    if network.decoder is None:
        return times
    return times | interleaved(redrawn, repeats, warmup=10)


def _ready(network: CapsNet, device: torch.device) -> CapsNet:
    return network.to(device).eval().requires_grad_(False)


@torch.inference_mode()
def _active_share(network: CapsNet, digits: Floats) -> float:
    weight = network.conv1.weight
    features = network.conv1(torch.from_numpy(digits).to(weight.device)[:, None])
    return float((features > 0).float().mean())


def _time_training(device: torch.device, steps: int) -> tuple[Times, float | None]:
    """Times of the steps, and the peak of memory before the plain network joins."""
    config = CapsNetConfig()
    settings = TrainingSettings()
    learners = [Learner(settings, config, device, kind=kind) for kind in (FastCapsNet, CapsNet)]
    side = config.image_size
    images = torch.rand(_BATCH, 1, side, side, device=device)
    labels = torch.arange(_BATCH, device=device) % config.classes

    def learn(learner: Learner) -> float:
        for _ in range(_TOGETHER.get(device.type, 1)):
            loss = learner.step(images, labels, 0, 1)[0]
        return float(loss)  # waits for a device on its own

    for _ in range(2):
        learn(learners[0])
    peak = peak_memory_mb()
    works = {"train": lambda: learn(learners[0]), "train plain": lambda: learn(learners[1])}
    return interleaved(works, steps), peak


def _gemm(device: torch.device, dtype: torch.dtype) -> float:
    """GFLOP/s of the primary convolution written as one matrix product, batch 128."""
    is_emulated = dtype == torch.bfloat16 and not has_fast_bf16(device)
    rows, inner, columns = _EMULATED_ROWS if is_emulated else _BATCH * 36, 81 * 256, 256
    left = torch.rand(rows, inner, device=device).to(dtype)
    right = torch.rand(columns, inner, device=device).to(dtype)
    works: dict[str, Callable[[], object]] = {"BLAS": lambda: float((left @ right.T)[0, 0])}
    if device.type == "cpu" and dtype == torch.float32 and mkldnn.is_available():
        narrow = left.to_mkldnn(), right.to_mkldnn()  # bf16 goes there by itself
        works["oneDNN"] = lambda: linear(*narrow)
    times = interleaved(works, 2 if is_emulated else 7)
    return 2 * rows * inner * columns / min(min(each) for each in times.values()) / 1e9
