"""One network of the paper's table: trained or gone on with, measured, its weights dropped."""

import argparse
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from paper_rows import ROWS, Result, line

from capsviz.cli_train_data import load_source
from capsviz.data.labelled import load_labelled
from capsviz.ending import Ending
from capsviz.explore.evaluate import score
from capsviz.explore.explain import lengths_in_batches
from capsviz.files import CapsvizError, read_bytes, write_atomically
from capsviz.network import CapsNet, CapsNetConfig, choose_device
from capsviz.training.learner import Learner
from capsviz.training.loop import train
from capsviz.training.plan import RunPlan
from capsviz.training.run import RunFolder
from capsviz.training.runcare import trash_run
from capsviz.training.runfiles import MODEL, PLAN, REPORT, STATE, decoded, read_plan
from capsviz.training.settings import TrainingSettings

SMALL = {
    "conv_channels": 8,
    "primary_types": 2,
    "primary_dim": 4,
    "digit_dim": 4,
    "decoder_hidden": (16, 24),
}
RESULT = "result.json"
RESULT_LIMIT = 2**16  # bytes


class Job(NamedTuple):
    """One network to train."""

    row: str
    seed: int

    def folder(self, options: argparse.Namespace) -> Path:
        """Of its run and its result."""
        return options.output / f"{self.row}-seed{self.seed}"


def settings_of(job: Job, options: argparse.Namespace) -> TrainingSettings:
    """The same for every row."""
    return TrainingSettings(
        epochs=options.epochs,
        batch_size=options.batch,
        learning_rate=0.001,
        schedule="cosine",
        averaging=options.averaging,
        augmentation="shift",
        precision="auto",
        seed=job.seed,
        validation_images=options.validation,
        checkpoint_steps=options.checkpoint_steps,
    )


def config_of(job: Job, options: argparse.Namespace) -> CapsNetConfig:
    row, sizes = ROWS[job.row], SMALL if options.small else {}
    return CapsNetConfig(
        routing_iterations=row.iterations, reconstruction=row.reconstruction, **sizes
    )


def check_alike(job: Job, options: argparse.Namespace) -> None:
    """Refuse to put networks that were trained otherwise into one table."""
    folder = job.folder(options)
    kept = read_plan(folder)
    if (kept.settings, kept.config) != (settings_of(job, options), config_of(job, options)):
        raise CapsvizError(
            f"Expected a run of the settings asked for in {folder}, found one of others; give "
            "those it was begun with, or another --output."
        )


def earlier(job: Job, options: argparse.Namespace) -> Result | None:
    """What was measured before, if it was."""
    path = job.folder(options) / RESULT
    if not path.exists():
        return None
    check_alike(job, options)
    return decoded(path, read_bytes(path, RESULT_LIMIT), Result)


def last_network(folder: Path, device: torch.device) -> CapsNet:
    """Of the run's last state; `model.safetensors` would be the best by validation."""
    plan = read_plan(folder)
    learner = Learner(plan.settings, plan.config, device)
    RunFolder(folder).load_state(learner)
    return learner.best_weights.eval()


def can_go_on(job: Job, options: argparse.Namespace, device: torch.device) -> bool:
    """Whether there is a run to resume; one that cannot be is put into the trash."""
    folder = job.folder(options)
    if not (folder / PLAN).exists():
        return False
    check_alike(job, options)
    try:
        last_network(folder, device)
    except CapsvizError:
        trash_run(folder)
        return False
    return True


def trained(job: Job, options: argparse.Namespace, device: torch.device) -> bool:
    """Train to the last epoch; whether the run had been broken off before."""
    folder = job.folder(options)
    is_resumed = can_go_on(job, options, device)
    config = config_of(job, options)
    source = load_source("mnist", config.digit_size, options.data_dir, False)
    plan = RunPlan(settings_of(job, options), config, source.name, device=device.type)
    if is_resumed:
        plan = msgspec.structs.replace(plan, device=read_plan(folder).device)
    reports = train(plan, source.digits, folder, device, is_resumed)
    with Ending() as ending, closing(reports):
        for _ in reports:
            ending.check()
    return is_resumed


def test_error(network: CapsNet, options: argparse.Namespace) -> float:
    """Fraction of MNIST's test digits answered wrongly, 0–1."""
    tested = load_labelled("mnist", network.config.image_size, options.data_dir)
    lengths = np.concatenate(list(lengths_in_batches(network, tested.images)))
    return score(lengths, tested.labels, 1.0).error_rate


def finish(job: Job, options: argparse.Namespace) -> Result:
    """Train the network, measure it, keep the result and drop the weights."""
    began, device = time.perf_counter(), choose_device(options.device)
    is_resumed = trained(job, options, device)
    folder = job.folder(options)
    last = RunFolder(folder).metrics()[-1]
    result = Result(
        row=job.row,
        seed=job.seed,
        epochs=options.epochs,
        validation_error=last.validation_error,
        test_error=test_error(last_network(folder, device), options),
        images_per_second=last.images_per_second,
        seconds=time.perf_counter() - began,
        resumed=is_resumed,
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        date=date.today().isoformat(),
    )
    write_atomically(folder / RESULT, msgspec.json.format(msgspec.json.encode(result)))
    print(line(result), flush=True)
    return result


def tidy(folder: Path) -> None:
    """Drop the weights of a network that has its result."""
    for name in (STATE, MODEL, REPORT):
        (folder / name).unlink(missing_ok=True)


def attempt(job: Job, options: argparse.Namespace) -> bool:
    """Whether the network could be finished; else a sentence says why not."""
    try:
        finish(job, options)
    except CapsvizError as error:
        print(f"{job.row}, seed {job.seed}: {error}", file=sys.stderr, flush=True)
        return False
    tidy(job.folder(options))
    return True
