"""Every damage to a run's folder is refused in one line that names the file."""

from __future__ import annotations

import json
import pickle
import shutil

import msgspec
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsviz.files import CapsvizError
from capsviz.network.tensorfile import write_tensors
from capsviz.training.plan import Position
from capsviz.training.run import RunFolder
from tests.runs import (
    SMALLEST,
    finish,
    fresh_learner,
    make_plan,
    refusal,
    same_weights,
    tensors_of,
    texts_of,
    trained_learner,
)

PLAN = make_plan()
STATE, RUN, METRICS = "state.safetensors", "run.json", "metrics.jsonl"


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    finish(PLAN, folder)
    return folder


@pytest.fixture
def folder(tmp_path, whole_run):
    """A copy of a finished run, to be damaged."""
    shutil.copytree(whole_run, tmp_path / "run")
    return tmp_path / "run"


DEEP = b"[" * 100_000


def json_with(change) -> bytes:
    plan = json.loads(msgspec.json.encode(PLAN))
    change(plan)
    return json.dumps(plan).encode()


BAD_PLANS = {
    "empty": b"",
    "cut short": msgspec.json.encode(PLAN)[:-20],
    "no JSON": b"epochs: 3\nbatch_size: 16\n",
    "a list": b"[1, 2]",
    "null": b"null",
    "deep": DEEP,
    "no UTF-8": b'{"data": "\xff\xfe"}',
    "zeros": bytes(500),
    "without settings": json_with(lambda plan: plan.pop("settings")),
    "unknown field": json_with(lambda plan: plan.update(extra=1)),
    "unknown field of two lines": json_with(lambda plan: plan.update({"a\nb": 1})),
    "unknown field without end": json_with(lambda plan: plan.update({"x" * 10_000: 1})),
    "no epochs": json_with(lambda plan: plan["settings"].update(epochs=0)),
    "text for a number": json_with(lambda plan: plan["settings"].update(batch_size="16")),
    "no such schedule": json_with(lambda plan: plan["settings"].update(schedule="linear")),
    "huge number": json_with(lambda plan: plan["settings"].update(seed=10**30)),
    "image too small": json_with(lambda plan: plan["config"].update(image_size=5, kernel_size=9)),
}


@pytest.mark.parametrize("content", BAD_PLANS.values(), ids=BAD_PLANS)
def test_a_damaged_plan_is_refused(folder, content):
    (folder / RUN).write_bytes(content)
    refusal(RunFolder(folder).plan, path=folder / RUN)
    refusal(finish, PLAN, folder, True, path=folder / RUN)


def foreign_tensors(path):
    write_tensors(path, "capsviz-network", {"model.x": torch.zeros(3)}, {"position": "{}"})


def another_networks(path):
    config = msgspec.structs.replace(SMALLEST, conv_channels=5)
    save_elsewhere(path, make_plan(config))


def without_decoder(path):
    save_elsewhere(path, make_plan(msgspec.structs.replace(SMALLEST, reconstruction=False)))


def save_elsewhere(path, plan):
    RunFolder(path.parent / "other").save_state(trained_learner(plan), Position(step=2))
    shutil.move(path.parent / "other" / STATE, path)


BAD_STATES = {
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "header alone": lambda path: path.write_bytes(path.read_bytes()[:8]),
    "zeros": lambda path: path.write_bytes(bytes(5000)),
    "pickle": lambda path: path.write_bytes(pickle.dumps({"step": 3})),
    "the model file": lambda path: shutil.copy(path.with_name("model.safetensors"), path),
    "foreign": foreign_tensors,
    "another network's": another_networks,
    "of a network without decoder": without_decoder,
}


@pytest.mark.parametrize("damage", BAD_STATES.values(), ids=BAD_STATES)
def test_a_damaged_state_is_refused(folder, damage):
    damage(folder / STATE)
    content = (folder / STATE).read_bytes()
    refusal(RunFolder(folder).load_state, fresh_learner(PLAN), path=folder / STATE)
    refusal(finish, PLAN, folder, True, path=folder / STATE)
    assert (folder / STATE).read_bytes() == content


@pytest.mark.parametrize("name", [RUN, STATE, METRICS])
def test_a_folder_in_place_of_a_file_is_refused(folder, name):
    (folder / name).unlink()
    (folder / name).mkdir()
    refusal(finish, PLAN, folder, True, path=folder / name)


def test_a_state_without_averages_is_refused_where_there_should_be_some(folder):
    plan = make_plan(averaging=0.9)
    refusal(RunFolder(folder).load_state, fresh_learner(plan), path=folder / STATE)


def without(key):
    return lambda tensors: {name: value for name, value in tensors.items() if key not in name}


def misshapen(tensors):
    return tensors | {"adam.0.exp_avg": torch.zeros(3)}


def misnamed(tensors):
    return tensors | {"adam.zero.exp_avg": torch.zeros(3)}


@pytest.mark.parametrize(
    "change",
    [without("adam."), without("adam.3."), without("exp_avg_sq"), misshapen, misnamed],
    ids=["no moments", "one tensor's moments lacking", "no second moments", "shape", "name"],
)
def test_a_state_that_lacks_what_adam_needs_is_refused(folder, change):
    """Its checksum is right, so another program or version wrote it."""
    position = json.dumps(texts_of(folder / STATE)["position"])
    tensors = change(tensors_of(folder / STATE))
    write_tensors(folder / STATE, "capsviz-training-state", tensors, {"position": position})
    refusal(RunFolder(folder).load_state, fresh_learner(PLAN), path=folder / STATE)


@pytest.mark.parametrize(
    "position", ["", "{}x", '{"step": -1}', '{"step": 1.5}', '{"step": 3, "best": [0.1, null]}']
)
def test_a_position_that_is_none_is_refused(folder, position):
    texts = {"position": position}
    write_tensors(folder / STATE, "capsviz-training-state", tensors_of(folder / STATE), texts)
    refusal(RunFolder(folder).load_state, fresh_learner(PLAN), path=folder / STATE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_byte_goes_unseen(folder, whole_run, data):
    content = bytearray((whole_run / STATE).read_bytes())
    size = int.from_bytes(content[:8], "little") + 8
    where = data.draw(st.integers(0, size - 1) | st.integers(0, len(content) - 1), "where")
    content[where] ^= data.draw(st.integers(1, 255), "by")
    (folder / STATE).write_bytes(content)
    found = outcome(folder)
    if found is not None:  # blanks within the header may change into one another
        (folder / STATE).write_bytes(content)
        assert same_weights(tensors_of(folder / STATE), tensors_of(whole_run / STATE))
        assert found == RunFolder(whole_run).load_state(fresh_learner(PLAN))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_part_of_a_state_is_taken_for_a_whole(folder, whole_run, data):
    content = (whole_run / STATE).read_bytes()
    (folder / STATE).write_bytes(content[: data.draw(st.integers(0, len(content) - 1), "length")])
    assert outcome(folder) is None


def outcome(folder) -> Position | None:
    """What a state holds; None if it is refused in one line."""
    try:
        return RunFolder(folder).load_state(fresh_learner(PLAN))
    except CapsvizError as error:
        return None if len(str(error).splitlines()) == 1 else Position(step=-1)


BAD_LINES = {
    "no JSON": b"step 10\n",
    "cut short within": b'{"step":10,"total\n',
    "empty": b"\n",
    "a field lacks": b'{"step":10}\n',
    "no UTF-8": b'{"step": "\xff"}\n',
    "deep": DEEP + b"\n",
    "zeros": bytes(40) + b"\n",
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_a_damaged_metrics_line_is_refused(folder, line):
    (folder / METRICS).write_bytes(line + (folder / METRICS).read_bytes())
    refusal(RunFolder(folder).metrics, path=folder / METRICS)
    refusal(finish, PLAN, folder, True, path=folder / METRICS)


def test_a_last_metrics_line_cut_short_is_left_out(folder):
    whole = RunFolder(folder).metrics()
    content = (folder / METRICS).read_bytes()
    last = len(content.splitlines(keepends=True)[-1])
    for cut in range(1, last + 1, 40):
        (folder / METRICS).write_bytes(content[:-cut])
        assert RunFolder(folder).metrics() == whole[:-1]
