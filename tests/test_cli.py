"""The command line: what it prints, its exit codes, and one sentence for every bad input."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from capsviz.data.samples import sample_digits
from capsviz.explore.explain import explain
from capsviz.failing import guarded
from capsviz.network import CapsNet, Provenance, load_checkpoint, save_checkpoint
from capsviz.places import resources_folder
from tests.idx import write_mnist


@pytest.fixture
def digit_file(tmp_path):
    path = tmp_path / "digit.png"
    Image.fromarray(sample_digits().images[0]).save(path)
    return path


@pytest.fixture
def archive(tmp_path):
    digits = sample_digits()
    path = tmp_path / "digits.npz"
    np.savez(path, images=digits.images[:30], labels=digits.labels[:30])
    return path


def test_classify_tells_each_file_and_drawing(run, tiny_file, tiny_model, digit_file, tmp_path):
    strokes = tmp_path / "two.jsonl"
    strokes.write_text('{"strokes": [[[0, 0], [0, 9]]]}\n' * 2)
    code, out, err = run("classify", digit_file, strokes, "--model", "tiny", "--json")
    answers = json.loads(out)
    assert (code, err) == (0, "")
    assert [(a["file"], a["index"]) for a in answers] == [
        (str(digit_file), 0),
        (str(strokes), 0),
        (str(strokes), 1),
    ]
    expected = explain(tiny_model, sample_digits().images[0] / np.float32(255)).final_lengths
    assert np.allclose(answers[0]["lengths"], expected, atol=1e-6)
    assert answers[0]["digit"] == int(expected.argmax())
    assert all("digits" not in answer for answer in answers), "only where two are read"


def test_classify_reads_for_people_too(run, tiny_file, digit_file):
    code, out, _ = run("classify", digit_file, "--model", tiny_file)
    assert code == 0
    assert out.startswith(f"{digit_file}[0]: ")
    assert len(out.splitlines()) == 1


def test_evaluate_counts_what_classify_answers(run, tiny_file, tiny_model, archive):
    code, out, err = run("evaluate", "--data", archive, "--model", "tiny", "--json")
    report = json.loads(out)
    assert (code, err) == (0, "")
    digits = sample_digits()
    wrong = np.array(
        [
            explain(tiny_model, image / np.float32(255)).digit != label
            for image, label in zip(digits.images[:30], digits.labels[:30], strict=True)
        ]
    )
    assert report["n"] == 30
    assert report["error_rate"] == pytest.approx(wrong.mean())
    assert report["model"] == "tiny"
    assert report["device"] == "cpu"
    assert report["images_per_second"] > 0
    for digit, error in enumerate(report["per_digit_error"]):
        of_digit = digits.labels[:30] == digit
        expected = wrong[of_digit].mean() if of_digit.any() else None
        assert error == (expected if expected is None else pytest.approx(expected))


def test_evaluate_reads_mnist_from_its_folder(run, tiny_file, tmp_path):
    write_mnist(tmp_path, sample_digits()[:200], sample_digits()[:20])
    code, out, _ = run(
        "evaluate", "--data", "mnist", "--data-dir", tmp_path, "--model", "tiny", "--json"
    )
    assert code == 0
    assert json.loads(out)["n"] == 20


def test_explain_writes_every_number(run, tiny_file, tiny_model, digit_file, tmp_path):
    target = tmp_path / "routing.npz"
    code, *_ = run("explain", digit_file, "--output", target, "--model", "tiny", "--iterations", 5)
    expected = explain(tiny_model, sample_digits().images[0] / np.float32(255), 5)
    assert code == 0
    with np.load(target, allow_pickle=False) as arrays:
        for name in ("image", "primary", "votes", "logits", "couplings", "poses", "lengths"):
            assert np.allclose(arrays[name], getattr(expected, name), atol=1e-6), name
        assert arrays["couplings"].shape == (5, 72, 10)
        assert np.allclose(arrays["couplings"].sum(-1), 1, atol=1e-5)


def test_models_lists_names_errors_and_purpose(run, tiny_file):
    code, out, _ = run("models", "--json")
    found = {entry["name"]: entry for entry in json.loads(out)}
    assert code == 0
    assert found["tiny"]["test_error"] == 0.5
    assert found["tiny"]["purpose"] == "testing"
    assert "tiny: MNIST test error 50.00%; testing" in run("models")[1]


def test_a_broken_model_is_told_and_the_good_ones_are_still_listed(run, tiny_file):
    (tiny_file.parent / "broken.safetensors").write_bytes(b"")
    code, out, err = run("models", "--json")
    assert code == 1
    assert "broken.safetensors" in err
    assert "tiny" in {entry["name"] for entry in json.loads(out)}


@pytest.fixture
def tiny_sizes(tmp_path):
    """A TOML file with the sizes of a network that trains in milliseconds."""
    path = tmp_path / "tiny.toml"
    path.write_text(
        "[network]\nconv_channels = 4\nprimary_types = 2\nprimary_dim = 4\ndigit_dim = 4\n"
        "decoder_hidden = [8, 8]\n"
    )
    return path


def test_train_stops_resumes_and_leaves_a_network_that_answers(run, tmp_path, tiny_sizes):
    write_mnist(tmp_path, sample_digits()[:200], sample_digits()[:200])
    output = tmp_path / "run"
    words = ("train", "--data-dir", tmp_path, "--output", output, "--device", "cpu")
    small = ("--epochs", 2, "--batch-size", 50, "--validation-images", 50, "--precision", "fp32")
    code, out, err = run(*words, *small, "--config", tiny_sizes)
    assert (code, err) == (0, "")
    assert "epoch 2: validation error" in out
    strokes = resources_folder() / "sample-strokes.jsonl"
    assert run("classify", strokes, "--model", output / "model.safetensors")[0] == 0
    code, _, err = run(*words, *small)
    assert code == 1
    assert "--resume" in err
    code, out, err = run(*words, "--resume")
    assert (code, err) == (0, "")
    assert "Done" in out


def tiny_config_with(**options):
    from capsviz.network.config import CapsNetConfig

    return CapsNetConfig(
        conv_channels=4,
        primary_types=2,
        primary_dim=4,
        digit_dim=4,
        decoder_hidden=(8, 8),
        **options,
    )


def test_train_can_start_from_a_network(run, tmp_path, tiny_file, tiny_model):
    write_mnist(tmp_path, sample_digits()[:200], sample_digits()[:200])
    words = ("train", "--data-dir", tmp_path, "--output", tmp_path / "run", "--device", "cpu")
    still = ("--epochs", 1, "--learning-rate", 1e-12, "--validation-images", 50)
    code, _, err = run(*words, *still, "--start-from", "tiny", "--precision", "fp32")
    assert (code, err) == (0, "")
    learned = load_checkpoint(tmp_path / "run" / "model.safetensors").model
    for name, weight in learned.state_dict().items():
        assert torch.allclose(weight, tiny_model.state_dict()[name], atol=1e-6), name


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("classify",),
        ("explain", "x.png"),
        ("evaluate",),
        ("train",),
        ("train", "--output", "x", "--epochs", "0"),
        ("explain", "x.png", "--output", "o.npz", "--iterations", "11"),
        ("--no-such-option",),
    ],
)
def test_wrong_usage_is_exit_code_2(run, words):
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err


def test_a_wrong_setting_is_wrong_usage(run, tmp_path):
    write_mnist(tmp_path, sample_digits()[:200], sample_digits()[:200])
    words = ("train", "--data-dir", tmp_path, "--output", tmp_path / "run")
    for setting in (("--schedule", "none"), ("--averaging", "1.5"), ("--precision", "fp8")):
        code, _, err = run(*words, *setting)
        assert code == 2, setting
        assert "Traceback" not in err


def test_ctrl_c_is_one_word_and_exit_code_130(capsys):
    def work():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        guarded(work)
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "capsviz: Stopped.\n")


def test_version_and_help(run):
    assert run("--version")[1].startswith("capsviz ")
    code, out, _ = run("--help")
    assert code == 0
    for command in ("classify", "evaluate", "explain", "train", "benchmark", "models"):
        assert command in out
        assert run(command, "--help")[0] == 0


def test_help_imports_neither_torch_nor_qt():
    code = (
        "import sys; sys.argv = ['capsviz', '--help']\n"
        "from capsviz.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    print(sorted({'torch', 'PySide6', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


@pytest.fixture
def benchmark(run, monkeypatch):
    """What `capsviz benchmark` reports of a network, beside tiny ones and a known machine."""

    def measured(model, repeats):
        monkeypatch.setattr("capsviz.benchmark.CapsNetConfig", tiny_config_with)
        monkeypatch.setattr("capsviz.benchmark._gemm", lambda device, dtype: 100.0)
        words = ("--repeats", repeats, "--steps", 1, "--device", "cpu", "--model", model)
        code, out, _ = run("benchmark", "--json", *words)
        assert code == 0
        return json.loads(out)

    return measured


def test_benchmark_measures_this_machine(benchmark, tiny_file):
    report = benchmark("tiny", 3)
    words = {"device", "processor", "torch", "model", "precision"}
    for name in report.keys() - words:
        assert report[name] > 0, name
    assert report["explain_min_ms"] <= report["explain_ms"] <= report["explain_p95_ms"]
    rate = report["evaluate_images_per_second"]
    assert report["evaluate_10000_seconds"] == pytest.approx(10_000 / rate)
    assert report["model"] == "tiny"
    assert report["active_share"] < 1
    ratio = report["train_images_per_second"] / report["roof_images_per_second"]
    assert report["train_fraction_of_roof"] == pytest.approx(ratio)


def test_benchmark_measures_a_network_without_a_decoder(benchmark, own_home):
    config = tiny_config_with(reconstruction=False)
    path = own_home / "models" / "plain.safetensors"
    save_checkpoint(path, CapsNet(config).eval(), Provenance())
    report = benchmark("plain", 1)
    assert (report["decode_ms"], report["sweep_ms"]) == (None, None)
    assert report["explain_ms"] > 0


@pytest.mark.parametrize("command", ["classify", "evaluate", "explain"])
def test_an_answer_that_is_no_number_is_none(run, tiny_model, own_home, tmp_path, command):
    weights = {name: each * 1e30 for name, each in tiny_model.state_dict().items()}
    huge = CapsNet(tiny_model.config).eval()
    huge.load_state_dict(weights)
    save_checkpoint(own_home / "models" / "huge.safetensors", huge, Provenance())
    Image.fromarray(sample_digits().images[0]).save(tmp_path / "digit.png")
    np.savez(tmp_path / "set.npz", images=sample_digits().images[:9], labels=np.arange(9))
    words = {
        "classify": (tmp_path / "digit.png", "--json"),
        "evaluate": ("--data", tmp_path / "set.npz", "--json"),
        "explain": (tmp_path / "digit.png", "--output", tmp_path / "out.npz"),
    }[command]
    code, out, err = run(command, *words, "--model", "huge", "--device", "cpu")
    assert (code, out) == (1, "")
    assert "not a number" in err
    assert not (tmp_path / "out.npz").exists()


def test_runs_of_a_place_that_is_none_are_refused(run, tmp_path):
    code, out, err = run("runs", tmp_path / "nowhere")
    assert (code, out) == (1, "")
    assert "Expected a folder of runs" in err


# Nine kinds of bad input to each command


def missing(path, good):
    path.unlink(missing_ok=True)


def empty(path, good):
    path.write_bytes(b"")


def truncated(path, good):
    path.write_bytes(good[: len(good) // 2])


def wrong_magic(path, good):
    path.write_bytes(b"\x00\x01WRONG!" + good[8:])


def wrong_shape(path, good):
    if path.suffix == ".npz":
        np.savez(path, images=np.zeros((3, 28, 20), np.uint8), labels=np.zeros(3, np.uint8))
    elif path.suffix == ".jsonl":
        path.write_text('{"label": 1, "strokes": [[1, 2], [3, 4]]}\n')
    elif path.suffix == ".safetensors":
        save_broken(path, lambda weight: weight[..., :-1])
    else:
        Image.fromarray(np.zeros((1, 1), np.uint8)).save(path, format="PNG")


def nan(path, good):
    if path.suffix == ".npz":
        np.savez(path, images=np.full((3, 28, 28), np.nan), labels=np.zeros(3, np.uint8))
    elif path.suffix == ".jsonl":
        path.write_text('{"label": 1, "strokes": [[[NaN, 1], [2, 3]]]}\n')
    elif path.suffix == ".safetensors":
        save_broken(path, lambda weight: weight * float("nan"))
    else:
        Image.fromarray(np.full((40, 40), np.nan, np.float32)).save(path, format="TIFF")


def directory(path, good):
    path.unlink(missing_ok=True)
    path.mkdir()


def unreadable(path, good):
    path.write_bytes(good)  # and `forbidden` refuses to open it


def pickled(path, good):
    path.write_bytes(
        b"\x80\x04\x95\x0e\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94."
    )


def save_broken(path, change):
    """A network file whose checksum is right and whose first weight is not."""
    from capsviz.network.tensorfile import read_tensors, write_tensors

    model = CapsNet(tiny_config_with())
    save_checkpoint(path, model, Provenance())
    tensors, texts = read_tensors(path, "capsviz-network")
    tensors["conv1.weight"] = change(tensors["conv1.weight"]).contiguous()
    kept = {key: texts[key] for key in ("config", "provenance")}
    write_tensors(path, "capsviz-network", tensors, kept)


BAD = [missing, empty, truncated, wrong_magic, wrong_shape, nan, directory, unreadable, pickled]


@pytest.fixture
def forbidden(monkeypatch):
    """Refuse to open one path, as the system would (root may open anything)."""
    real = Path.open

    def refuse(path):
        def opened(self, *args, **kwargs):
            if self == path:
                raise PermissionError(13, "Permission denied", str(self))
            return real(self, *args, **kwargs)

        monkeypatch.setattr(Path, "open", opened)

    return refuse


def assert_one_sentence(result, *names):
    code, out, err = result
    assert code == 1
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1, err
    assert len(err) < 600, err
    for name in names:
        assert str(name) in err


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    ("suffix", "words"),
    [
        (".png", ("classify",)),
        (".jsonl", ("classify",)),
        (".png", ("explain", "--output", "never.npz")),
        (".npz", ("evaluate", "--data")),
        (".jsonl", ("evaluate", "--data")),
    ],
    ids=["classify-png", "classify-jsonl", "explain-png", "evaluate-npz", "evaluate-jsonl"],
)
def test_bad_input_is_one_sentence(
    run, tiny_file, digit_file, archive, tmp_path, forbidden, monkeypatch, bad, suffix, words
):
    monkeypatch.chdir(tmp_path)
    good = {
        ".png": digit_file.read_bytes(),
        ".npz": archive.read_bytes(),
        ".jsonl": b'{"label": 3, "strokes": [[[0, 0], [5, 5]]]}\n',
    }[suffix]
    path = tmp_path / f"bad{suffix}"
    bad(path, good)
    if bad is unreadable:
        forbidden(path)
    assert_one_sentence(run(*words, path, "--model", "tiny"), path.name)
    assert not Path("never.npz").exists()


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("command", ["classify", "evaluate", "explain"])
def test_bad_weights_are_one_sentence(
    run, tiny_file, digit_file, archive, tmp_path, forbidden, bad, command
):
    path = tmp_path / "bad.safetensors"
    bad(path, tiny_file.read_bytes())
    if bad is unreadable:
        forbidden(path)
    words = {
        "classify": ("classify", digit_file),
        "evaluate": ("evaluate", "--data", archive),
        "explain": ("explain", digit_file, "--output", tmp_path / "never.npz"),
    }[command]
    assert_one_sentence(run(*words, "--model", path), path.name)
    assert not (tmp_path / "never.npz").exists()


@pytest.mark.parametrize(
    "bad", [missing, empty, truncated, wrong_magic, directory, unreadable, pickled]
)
def test_bad_training_data_is_one_sentence(run, tmp_path, forbidden, bad):
    write_mnist(tmp_path, sample_digits()[:200], sample_digits()[:200])
    path = next(tmp_path.glob("train-images*"))
    bad(path, path.read_bytes())
    if bad is unreadable:
        forbidden(path)
    words = ("train", "--data-dir", tmp_path, "--output", tmp_path / "run")
    assert_one_sentence(run(*words), "train-images")
    assert not (tmp_path / "run").exists()


def test_a_model_that_is_not_there_is_told_with_those_that_are(run, tiny_file, digit_file):
    assert_one_sentence(run("classify", digit_file, "--model", "nosuch"), "nosuch", "tiny")


def test_a_device_that_is_not_there_is_told_with_those_that_are(run, tiny_file, digit_file):
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    result = run("classify", digit_file, "--model", "tiny", "--device", "cuda")
    assert_one_sentence(result, "cuda", "cpu")


def test_an_output_that_cannot_be_written_is_told(run, tiny_file, digit_file, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = run("explain", digit_file, "--output", blocked / "o.npz", "--model", "tiny")
    assert_one_sentence(result, "o.npz")


def test_two_digit_data_says_what_is_missing(run, tiny_file):
    assert_one_sentence(run("evaluate", "--data", "multimnist", "--model", "tiny"), "two digits")


@pytest.mark.slow
@pytest.mark.parametrize("bad", [missing, truncated, pickled])
@pytest.mark.parametrize("what", ["--open", "--model"])
def test_the_window_told_to_take_a_picture_of_bad_input_says_so(
    tiny_file, digit_file, tmp_path, own_home, bad, what
):
    path = tmp_path / ("bad.png" if what == "--open" else "bad.safetensors")
    bad(path, (digit_file if what == "--open" else tiny_file).read_bytes())
    words = {"--model": "tiny", what: str(path)}
    options = [word for pair in words.items() for word in pair]
    picture = tmp_path / "never.png"
    command = (sys.executable, "-m", "capsviz", *options, "--screenshot", str(picture))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert_one_sentence((done.returncode, done.stdout, done.stderr), path.name)
    assert not picture.exists()


@pytest.mark.slow
def test_the_process_itself_exits_with_one_sentence(tmp_path, own_home):
    began = time.perf_counter()
    command = (sys.executable, "-m", "capsviz", "classify", str(tmp_path / "no.png"))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert time.perf_counter() - began < 100
