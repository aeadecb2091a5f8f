"""`capsviz benchmark`: how fast the paper's network explains, redraws and learns here, beside the
matrix-product speed of the same process, so that figures of different machines can be compared.
"""

from __future__ import annotations

import platform
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from capsviz.explore.explain import explain, lengths_in_batches, reconstruct
from capsviz.network import CapsNet, CapsNetConfig, has_fast_bf16
from capsviz.training.learner import Learner
from capsviz.training.settings import TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Callable

_BATCH = 128


@dataclass(frozen=True, slots=True)
class BenchmarkReport:
    """Figures of one process; times are medians.

    Attributes:
        device, processor, torch, threads: where it was measured.
        explain_ms: one image: lengths, all couplings of three iterations, reconstruction.
        explain_p95_ms: the same, 95th percentile.
        decode_ms: one pose redrawn.
        evaluate_images_per_second: lengths only, batches of 250.
        precision: of the convolutions in training.
        train_images_per_second: paper size, batch 128, full gradient and Adam.
        gemm_fp32_gflops, gemm_bf16_gflops: matrix products of the primary convolution's shape.
        train_flop_per_image: forward and backward products of one image, counted.
        roof_images_per_second: training if all of it ran at the product speed of `precision`.
        train_fraction_of_roof: the ratio of the two.
    """

    device: str
    processor: str
    torch: str
    threads: int
    explain_ms: float
    explain_p95_ms: float
    decode_ms: float
    evaluate_images_per_second: float
    precision: str
    train_images_per_second: float
    gemm_fp32_gflops: float
    gemm_bf16_gflops: float
    train_flop_per_image: float
    roof_images_per_second: float
    train_fraction_of_roof: float


def run_benchmark(device: torch.device, repeats: int = 100, steps: int = 5) -> BenchmarkReport:
    """Measure on one device; a minute on two cores.

    Args:
        device: where.
        repeats: single-image explanations and decodings timed.
        steps: training steps timed.
    """
    precision = "bf16" if has_fast_bf16(device) else "fp32"
    explained, decoded, evaluated = _time_answers(device, repeats)
    trained = _time_training(device, steps)
    roofs = {"fp32": _gemm(device, torch.float32), "bf16": _gemm(device, torch.bfloat16)}
    flop = train_flop(CapsNetConfig())
    roof = roofs[precision] * 1e9 / flop
    return BenchmarkReport(
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        processor=platform.processor() or platform.machine(),
        torch=torch.__version__,
        threads=torch.get_num_threads(),
        explain_ms=statistics.median(explained) * 1e3,
        explain_p95_ms=float(np.percentile(explained, 95)) * 1e3,
        decode_ms=statistics.median(decoded) * 1e3,
        evaluate_images_per_second=250 / statistics.median(evaluated),
        precision=precision,
        train_images_per_second=_BATCH / statistics.median(trained),
        gemm_fp32_gflops=roofs["fp32"],
        gemm_bf16_gflops=roofs["bf16"],
        train_flop_per_image=flop,
        roof_images_per_second=roof,
        train_fraction_of_roof=_BATCH / statistics.median(trained) / roof,
    )


def train_flop(config: CapsNetConfig) -> float:
    """Operations of the products in one image's training step, 2 per multiply-add.

    Each layer costs its forward product, the same again for the gradient of its weights and
    again for that of its input; the first convolution's input needs none.
    """
    taps = config.kernel_size**2
    units = config.primary_types * config.primary_dim
    outputs = config.classes * config.digit_dim
    first, second = config.decoder_hidden
    conv1 = config.conv_size**2 * config.conv_channels * taps
    conv2 = config.grid_size**2 * units * config.conv_channels * taps
    votes = config.primary_capsules * config.primary_dim * outputs
    routing = (2 * config.routing_iterations - 1) * config.primary_capsules * outputs
    decoder = outputs * first + first * second + second * config.image_size**2
    return 2.0 * (2 * conv1 + 3 * (conv2 + votes + routing + decoder))


def _time_answers(
    device: torch.device, repeats: int
) -> tuple[list[float], list[float], list[float]]:
    model = CapsNet().to(device).eval()
    images = np.random.default_rng(0).random((250, 28, 28), np.float32)
    pose = explain(model, images[0]).poses[-1, 0]
    explained = _times(lambda: explain(model, images[0]), repeats, warmup=10)
    decoded = _times(lambda: reconstruct(model, pose, 0), repeats, warmup=10)
    evaluated = _times(lambda: list(lengths_in_batches(model, images)), 3, warmup=1)
    return explained, decoded, evaluated


def _time_training(device: torch.device, steps: int) -> list[float]:
    learner = Learner(TrainingSettings(), CapsNetConfig(), device)
    images = torch.rand(_BATCH, 1, 28, 28, device=device)
    labels = torch.arange(_BATCH, device=device) % 10

    def step() -> None:
        float(learner.step(images, labels, 0, 1)[0])  # waits for a device that runs on its own

    return _times(step, steps, warmup=2)


def _gemm(device: torch.device, dtype: torch.dtype) -> float:
    """GFLOP/s of the primary convolution written as one matrix product, batch 128."""
    rows, inner, columns = _BATCH * 36, 81 * 256, 256
    left = torch.rand(rows, inner, device=device).to(dtype)
    right = torch.rand(inner, columns, device=device).to(dtype)
    times = _times(lambda: float((left @ right)[0, 0]), 5, warmup=2)
    return 2 * rows * inner * columns / min(times) / 1e9


def _times(work: Callable[[], object], repeats: int, warmup: int) -> list[float]:
    for _ in range(warmup):
        work()
    return [_seconds(work) for _ in range(repeats)]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
