"""`capsviz train`: presets, a TOML file, every setting, JSON lines, event files, other data."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest
import torch
from PIL import Image

from capsviz.cli_train_options import HELP
from capsviz.cli_train_work import asked
from capsviz.data.drawing import Drawing, Mark
from capsviz.data.personal import OwnDrawing, add_drawing, remove_last
from capsviz.ending import Ending
from capsviz.network import load_checkpoint
from capsviz.network.config import CapsNetConfig
from capsviz.training import loop, runfiles
from capsviz.training.learner import Learner
from capsviz.training.marker import MARKER
from capsviz.training.presets import PRESETS
from capsviz.training.run import RunFolder
from capsviz.training.runs import extend_run
from capsviz.training.settings import TrainingSettings
from capsviz.training.team import Team
from capsviz.training.watch import UNWATCHED
from tests.idx import blocks, write_mnist
from tests.runs import CPU, FILES, metrics_of, step_of

if TYPE_CHECKING:
    from pathlib import Path

SIZES = """
[network]
conv_channels = 4
primary_types = 2
primary_dim = 4
digit_dim = 4
decoder_hidden = [8, 8]
"""
SMALL = (
    'epochs = 2\nbatch_size = 20\nvalidation_images = 30\nprecision = "fp32"\n'
    "learning_rate = 0.004\n" + SIZES
)


@pytest.fixture
def folder(tmp_path):
    write_mnist(tmp_path, blocks(130), blocks(20))
    (tmp_path / "small.toml").write_text(SMALL)
    (tmp_path / "none.toml").write_text("")
    return tmp_path


@pytest.fixture
def train(run, folder):
    """`capsviz train` of the smallest network; what it printed. It must succeed."""

    def train_it(*words, output="run", config="small.toml"):
        where = ("--output", folder / output, "--data-dir", folder, "--device", "cpu")
        settings = () if "--resume" in words else ("--config", folder / config)
        code, out, err = run("train", *where, *settings, *words)
        assert (code, err) == (0, "")
        return out

    return train_it


def refused(run, folder, *words, code: int = 1) -> str:
    where = ("--output", folder / "run", "--data-dir", folder, "--device", "cpu")
    found, out, err = run("train", *where, *words)
    assert (found, out) == (code, "")
    assert not (folder / "run").exists()
    return err


def plan_of(folder: Path):
    return RunFolder(folder / "run").plan()


def test_every_setting_has_an_option(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert set(HELP) == set(TrainingSettings.__struct_fields__)
    _, out, _ = run("train", "--help")
    for name in HELP:
        assert f" --{name.replace('_', '-')} " in out


def test_every_setting_reaches_the_run(train, folder):
    given = {
        "epochs": 1,
        "batch_size": 25,
        "learning_rate": 0.002,
        "schedule": "cosine",
        "decay_rate": 0.9,
        "decay_steps": 7,
        "warmup_steps": 2,
        "averaging": 0.5,
        "weight_decay": 0.03,
        "sam_radius": 0.02,
        "augmentation": "rotation",
        "reconstruction_weight": 0.001,
        "m_plus": 0.8,
        "m_minus": 0.2,
        "down_weight": 0.4,
        "precision": "fp32",
        "seed": 5,
        "training_images": 60,
        "own_share": 0.5,
        "validation_images": 40,
        "checkpoint_steps": 3,
    }
    assert set(given) == set(TrainingSettings.__struct_fields__)
    words = [
        word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)
    ]
    train(*words, "--iterations", 2, "--no-reconstruction")
    plan = plan_of(folder)
    assert msgspec.structs.asdict(plan.settings) == given
    assert (plan.config.routing_iterations, plan.config.reconstruction) == (2, False)
    assert step_of(folder / "run") == 3  # 60 images in batches of 25


def test_options_overrule_the_file_and_the_file_the_preset(train, folder):
    train("--preset", "people", "--epochs", 1)
    settings = plan_of(folder).settings
    assert settings.epochs == 1
    assert settings.batch_size == 20
    assert (settings.augmentation, settings.averaging) == ("drawn", 0.999)


@pytest.mark.parametrize("known", PRESETS, ids=lambda known: known.key)
def test_presets_are_plans_with_a_line_on_what_they_teach(known):
    assert 20 < len(known.teaches) <= 100
    assert msgspec.convert(msgspec.to_builtins(known.settings), TrainingSettings) == known.settings
    assert msgspec.convert(msgspec.to_builtins(known.config), CapsNetConfig) == known.config


def test_a_resumed_run_may_get_more_epochs_and_nothing_else(train, run, folder):
    train()
    assert step_of(folder / "run") == 10
    assert "epoch 3" in train("--resume", "--epochs", 3)
    assert step_of(folder / "run") == 15
    where = ("--output", folder / "run", "--data-dir", folder, "--device", "cpu", "--resume")
    code, _, err = run("train", *where, "--seed", 3)
    assert code == 2
    assert "--seed" in err
    code, _, err = run("train", *where, "--epochs", 2)
    assert code == 1
    assert "more than the 3 epochs" in err
    assert step_of(folder / "run") == 15


@pytest.mark.parametrize("leads", [True, False])
def test_of_a_team_only_the_leader_plans_more_epochs(train, folder, leads):
    train()
    output = folder / "run"

    class Half(Team):
        seen = ()

        def wait(self) -> None:
            self.seen += (plan_of(folder).settings.epochs,)
            if not leads:  # meanwhile the other process does
                extend_run(output, 3)

    team = Half()
    team.leads = leads
    for seen in ((3 if leads else 2,), None):
        if seen is None and not leads:  # this time the other one was faster
            team.wait = lambda: None
        work = asked(output, None, folder, False, True, None, None, None, "cpu", {"epochs": 3})
        work.reports(CPU, team, UNWATCHED)
        if seen is not None:
            assert team.seen == seen
        assert plan_of(folder).settings.epochs == 3


def test_a_leader_that_is_faster_by_a_moment_is_no_reason_to_refuse(train, folder, monkeypatch):
    """It writes the longer plan just after the other process has read the shorter one."""
    train()
    real = runfiles.read_plan

    def overtaken(output):
        plan = real(output)
        if plan.settings.epochs == 2:
            monkeypatch.setattr(runfiles, "read_plan", real)
            extend_run(output, 3)
        return plan

    monkeypatch.setattr(runfiles, "read_plan", overtaken)
    team = Team()
    team.leads = False
    words = (None, folder, False, True, None, None, None, "cpu", {"epochs": 3})
    asked(folder / "run", *words).reports(CPU, team, UNWATCHED)
    assert plan_of(folder).settings.epochs == 3


def test_a_run_is_resumed_on_the_device_it_was_begun_on(train, run, folder):
    train()
    assert plan_of(folder).device == "cpu"
    plan = folder / "run" / "run.json"
    plan.write_text(plan.read_text().replace('"device": "cpu"', '"device": "cuda"'))
    if torch.cuda.is_available():
        pytest.skip("the device is there")
    words = ("--output", folder / "run", "--data-dir", folder, "--resume", "--epochs", 3)
    code, _, err = run("train", *words)
    assert code == 0
    assert "begun on the device CUDA" in err
    assert step_of(folder / "run") == 15


def test_runs_are_listed_and_published(train, run, folder, own_home, monkeypatch):
    train(output=own_home / "runs" / "first")
    (own_home / "runs" / "broken").mkdir()
    (own_home / "runs" / "broken" / "run.json").write_text("{")
    code, out, err = run("runs")
    assert (code, err) == (0, "")
    assert "first: finished, " in out
    assert "broken: damaged; " in out
    listed = {entry["name"]: entry for entry in json.loads(run("runs", "--json")[1])}
    assert listed["first"]["last"]["step"] == 10
    assert listed["first"]["plan"]["settings"]["batch_size"] == 20
    assert listed["broken"]["problem"]
    code, out, err = run("runs", folder)
    assert (code, out) == (0, "")
    assert "no run in" in err
    (alone,) = json.loads(run("runs", own_home / "runs" / "first", "--json")[1])
    assert alone == listed["first"]
    monkeypatch.chdir(own_home / "runs" / "first")
    assert json.loads(run("runs", ".", "--json")[1])[0]["name"] == "first"
    code, out, err = run("publish", "first", "mine", "--purpose", "reads bars")
    assert (code, err) == (0, "")
    assert "reads bars" in run("models")[1]
    code, _, err = run("publish", own_home / "runs" / "first", "mine")
    assert code == 1
    assert "already" in err


def test_an_unknown_preset_is_told_with_the_known(run, folder):
    assert "no-routing" in refused(run, folder, "--preset", "nonsense")


def test_a_file_can_say_it_all(train, folder, tiny_file):
    words = 'preset = "people"\nstart_from = "tiny"\ndevice = "cpu"\ndata = "mnist"\nepochs = 1\n'
    (folder / "all.toml").write_text(words + "validation_images = 30\nbatch_size = 50")
    train(config="all.toml")
    plan = plan_of(folder)
    assert (plan.start, plan.settings.augmentation, plan.settings.epochs) == ("tiny", "drawn", 1)


WRONG = {
    "data = 3": "data",
    "epoks = 3": "did you mean epochs?",
    "nonsense = 3": "known are epochs,",
    "epochs = 0": "epochs",
    'epochs = "three"': "epochs",
    'schedule = "linear"': "schedule",
    "network = 3": "[network]",
    "[network]\nclases = 3": "did you mean classes?",
    "[network]\nimage_size = 7": "image_size",
    "epochs = ": "TOML",
    "a" * 10: "TOML",
}


@pytest.mark.parametrize("content", WRONG)
def test_a_wrong_file_is_one_sentence(run, folder, content):
    path = folder / "wrong.toml"
    path.write_text(content)
    message = refused(run, folder, "--config", path)
    assert str(path) in message
    assert WRONG[content] in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"a" * 2**21, b"a = [" * 10_000])
def test_a_file_that_is_no_text_is_one_sentence(run, folder, content):
    path = folder / "wrong.toml"
    if content is not None:
        path.write_bytes(content)
    message = refused(run, folder, "--config", path)
    assert str(path) in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("words", [("--m-plus", "2"), ("--own-share", "0"), ("--epochs", "x")])
def test_a_wrong_option_is_wrong_usage(run, folder, words):
    err = refused(run, folder, *words, code=2)
    assert "Traceback" not in err


def test_json_lines_are_the_reports(train, folder):
    lines = [json.loads(line) for line in train("--json").splitlines()]
    *reports, end = lines
    assert end == {"done": True, "model": str(folder / "run" / "model.safetensors")}
    steps = [report["step"] for report in reports]
    assert steps == sorted(steps)
    assert steps[-1] == reports[-1]["total_steps"] == 10
    validations = [report for report in reports if report["validation_error"] is not None]
    assert len(validations) == 2
    for report in validations:
        confusion = report["confusion"]
        right = sum(confusion[digit][digit] for digit in range(10))
        assert report["validation_error"] == pytest.approx(1 - right / 30)
        assert set(report) > {"digit_dead", "digit_starved", "type_dead", "type_starved"}


def test_event_files_hold_the_curves(train, folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train("--tensorboard")
    events = EventAccumulator(str(folder / "run" / "events"))
    events.Reload()
    validated = [
        line for line in metrics_of(folder / "run") if line["validation_error"] is not None
    ]
    found = [(event.step, event.value) for event in events.Scalars("error/validation")]
    expected = [(line["step"], pytest.approx(line["validation_error"])) for line in validated]
    assert found == expected
    assert {event.step for event in events.Scalars("loss/margin")} >= {5, 10}
    assert len(events.Images("reconstructions")) > 0


def test_without_tensorboard_a_sentence_says_how_to_add_it(run, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    message = refused(run, folder, "--tensorboard", "--config", folder / "small.toml")
    assert "capsviz[tensorboard]" in message
    assert len(message.splitlines()) == 1


def test_snapshots_are_kept_on_request(train, folder):
    train("--snapshots", 3, "--epochs", 4)
    names = [path.name for path in sorted((folder / "run" / "snapshots").iterdir())]
    assert names == [f"step-0000{step:02}.safetensors" for step in (0, 10, 20)]


def make_classes(folder: Path, names: str = "abc", each: int = 12) -> Path:
    digits = blocks(200, seed=4)
    for label, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for place, image in enumerate(digits.images[digits.labels == label][:each]):
            Image.fromarray(image).save(folder / name / f"{place}.png")
    return folder


def test_a_network_to_begin_with_keeps_its_sizes_or_is_refused(train, run, folder):
    train("--epochs", 1)
    start = folder / "run" / "model.safetensors"
    for name, sizes in (("more", "routing_iterations = 7"), ("wider", "digit_dim = 30")):
        (folder / f"{name}.toml").write_text(f"[network]\n{sizes}\n")
    words = ("--start-from", start, "--epochs", 1, "--validation-images", 30)
    train(*words, output="second", config="more.toml")
    plan = RunFolder(folder / "second").plan()
    assert (plan.config.routing_iterations, plan.config.digit_dim) == (7, 4)
    assert plan.start == "run", "a run's network is called after its folder"
    where = ("--output", folder / "third", "--data-dir", folder, "--device", "cpu")
    for other in (("--config", folder / "wider.toml"), ("--no-reconstruction",)):
        code, _, err = run("train", *where, *words, *other)
        assert code == 1
        assert "as the network to begin with has it" in err


@pytest.mark.parametrize("name", ["learning-rate", "weight-decay", "sam-radius"])
def test_no_setting_is_infinite(run, folder, name):
    """JSON could not keep it, so the run could not tell what it was begun with."""
    assert name.replace("-", "_") in refused(run, folder, f"--{name}", "inf", code=2)


def test_the_options_that_a_run_was_begun_with_may_be_said_again(train, run, folder, tiny_file):
    begun = ("--preset", "no-routing", "--start-from", "tiny", "--epochs", 1)
    words = ("--output", folder / "run", "--data-dir", folder, "--device", "cpu")
    small = ("--validation-images", 30, "--batch-size", 20)
    code, _, err = run("train", *words, *begun, *small)
    assert code == 0, err
    code, _, err = run("train", *words, "--resume", "--start-from", "tiny")
    assert code == 0, err
    code, _, err = run("train", *words, "--resume", "--start-from", "digits")
    assert code == 2
    assert "--start-from" in err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--config", "other.toml"), "--config"),
        (("--preset", "no-routing"), "--preset"),
        (("--start-from", "digits"), "--start-from"),
        (("--config", "same.toml"), None),
    ],
)
def test_a_run_is_resumed_as_it_was_begun_or_not_at_all(train, run, folder, words, named):
    train("--epochs", 1)
    (folder / "other.toml").write_text("[network]\nrouting_iterations = 7\n")
    (folder / "same.toml").write_text("seed = 1\n" + SIZES)
    words = [folder / word if word.endswith(".toml") else word for word in words]
    where = ("--output", folder / "run", "--data-dir", folder, "--device", "cpu", "--resume")
    code, _, err = run("train", *where, *words)
    assert code == (0 if named is None else 2)
    assert named is None or f"leave {named} out" in " ".join(err.split())


def test_a_folder_of_class_named_images_is_learnt_and_resumed(train, run, folder):
    classes = make_classes(folder / "shapes")
    (folder / "sizes.toml").write_text("batch_size = 10" + SIZES)
    words = ("--data", classes)
    out = train(*words, "--epochs", 4, config="sizes.toml")
    assert "epoch 4" in out
    plan = plan_of(folder)
    assert plan.config.classes == 3
    assert plan.settings.validation_images == 6
    assert "shapes 36 (a, b, c; " in plan.data
    assert load_checkpoint(folder / "run" / "model.safetensors").model.config.classes == 3
    assert "Done" in train(*words, "--resume")
    Image.fromarray(blocks(1).images[0]).save(classes / "a" / "0.png")
    where = ("--output", folder / "run", "--device", "cpu")
    code, _, err = run("train", *where, *words, "--resume")
    assert code == 1
    assert "was begun on" in err


def test_a_preset_holds_out_what_suits_a_small_folder(train, folder):
    (folder / "sizes.toml").write_text("batch_size = 10" + SIZES)
    words = ("--data", make_classes(folder / "shapes"), "--preset", "minute", "--epochs", 1)
    train(*words, config="sizes.toml")
    assert plan_of(folder).settings.validation_images == 6


def test_more_held_out_than_a_folder_has_is_refused_if_it_was_said(run, folder):
    words = ("--data", make_classes(folder / "shapes"), "--validation-images", 5000)
    assert "5000" in refused(run, folder, "--preset", "minute", *words)


def test_a_network_of_other_classes_is_no_beginning(run, folder, tiny_file):
    words = ("--data", make_classes(folder / "shapes"), "--start-from", "tiny")
    message = refused(run, folder, *words)
    assert "3 classes" in message
    assert "found tiny of 10" in message


def test_classes_that_a_folder_has_not_are_refused(run, folder):
    (folder / "twelve.toml").write_text("[network]\nclasses = 12\n")
    words = ("--data", make_classes(folder / "shapes"), "--config", folder / "twelve.toml")
    assert "classes = 3" in refused(run, folder, *words)


def test_margins_leave_room_between_them(run, folder):
    assert "m⁻ below m⁺" in refused(run, folder, "--m-minus", 0.95, code=2)


@pytest.mark.parametrize("data", ["nonsense", "small.toml"])
def test_data_that_is_none_is_one_sentence(run, folder, data):
    message = refused(run, folder, "--data", folder / data)
    assert "mnist, personal, or a folder" in message
    assert len(message.splitlines()) == 1


def draw(*labels: int) -> None:
    for label in labels:
        line = Mark(((4.0 + label, 4.0), (20.0, 24.0)))
        add_drawing(OwnDrawing(label, Drawing((line,))))


def test_own_drawings_are_mixed_in_and_compared(train, run, folder, tiny_file):
    draw(*range(10))
    (folder / "hand.toml").write_text(
        "training_images = 60\nvalidation_images = 30\nbatch_size=20"
    )
    words = ("--data", "personal", "--start-from", "tiny")
    out = train(*words, config="hand.toml")
    assert "MNIST: " in out
    assert "may have been trained on" in out
    assert "your drawings: " in out
    plan = plan_of(folder)
    assert (plan.own, plan.start) == (10, "tiny")
    assert plan.settings.own_share == 0.25
    draw(3)  # drawings made since do not belong to the run
    assert "Done" in train("--resume")
    for _ in range(2):
        remove_last()
    code, _, err = run(
        "train", "--output", folder / "run", "--data-dir", folder, "--device", "cpu", "--resume"
    )
    assert code == 1
    assert "at least 10" in err


def test_a_fine_tuning_is_measured_on_what_its_network_held_out(train, run, folder):
    train("--seed", 4)
    draw(*range(10))
    start = folder / "run" / "model.safetensors"
    words = ("--data", "personal", "--start-from", start, "--epochs", 1, "--batch-size", 20)
    out = train(*words, output="tuned", config="none.toml")
    assert "may have been trained on" not in out
    plan = RunFolder(folder / "tuned").plan()
    assert (plan.settings.seed, plan.settings.validation_images) == (4, 30)
    code, _, err = run(
        "train", "--output", folder / "x", "--data-dir", folder, *words, "--seed", 1
    )
    assert code == 1
    assert "leave --seed out" in err


def test_without_own_drawings_a_sentence(run, folder, tiny_file):
    message = refused(run, folder, "--data", "personal", "--start-from", "tiny")
    assert "my-drawings.jsonl" in message


@pytest.mark.skipif(sys.platform == "win32", reason="signals come from other processes there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_run_after_its_step_with_the_state_kept(
    run, folder, monkeypatch, number, code
):
    real = Learner.step

    def interrupted(self, images, labels, step, total):
        if step == 6:
            os.kill(os.getpid(), number)
        return real(self, images, labels, step, total)

    monkeypatch.setattr(Learner, "step", interrupted)
    monkeypatch.setattr(loop, "_SHORTEST_REPORT", 0.0)
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    words = ("--output", folder / "run", "--data-dir", folder, "--device", "cpu")
    found, _, err = run("train", *words, "--config", folder / "small.toml")
    assert (found, "Traceback" in err) == (code, False)
    assert step_of(folder / "run") == 7
    assert {path.name for path in (folder / "run").iterdir()} == FILES | {MARKER}
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals come from other processes there")
def test_a_second_signal_does_not_wait(request):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job may ignore it
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with Ending() as ending:
        ending.check()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            ending.check()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
