"""The set-up scripts, run from a copy: no test here touches the real `.venv` or downloads."""

import ast
import errno
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
NAMES = ("bootstrap", "run", "test")
RELEASES = {
    "debian": "ID=debian\n",
    "ubuntu": 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n',
    "fedora": "ID=fedora\n",
    "rocky": 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
    "other": "ID=other\n",
}
PROJECT = """
[project]
dependencies = ["torch"]
scripts = {}
[project.optional-dependencies]
test = ["pytest"]
"""
posix = pytest.mark.skipif(os.name != "posix", reason="signals, exec and Unix sockets")


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "the project"
    (folder / "scripts").mkdir(parents=True)
    for name in NAMES:
        shutil.copy(SCRIPTS / f"{name}.py", folder / "scripts")
    (folder / "pyproject.toml").write_text(PROJECT)
    return folder


@pytest.fixture
def scripts(root, monkeypatch):
    """The three modules, on a Debian whose libraries are there and whose display is not."""
    modules = SimpleNamespace()
    for name in NAMES:
        spec = importlib.util.spec_from_file_location(name, root / "scripts" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        setattr(modules, name, module)
    monkeypatch.setattr(sys, "argv", ["scripts/run.py"])
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    modules.run.loads = lambda soname: True
    modules.bootstrap.OS_RELEASE = root / "os-release"
    be(modules, "linux", "debian")
    return modules


@pytest.fixture
def runner(scripts, monkeypatch):
    """Records commands in place of running them; venv and pip leave what they would leave."""
    boot = scripts.bootstrap
    state = SimpleNamespace(commands=[], options=[], codes={}, interrupt=None, pip=False)

    def call(command, **options):
        line = " ".join(command)
        state.commands.append(line)
        state.options.append(options)
        if state.interrupt and state.interrupt in line:
            raise KeyboardInterrupt
        if "-m venv" in line:
            boot.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            boot.PYTHON.write_text("")
            state.pip = True
        return next((code for part, code in state.codes.items() if part in line), 0)

    def execve(path, command, env):
        raise SystemExit(call(command, env=env))

    monkeypatch.setattr(os, "execve", execve)
    boot.call = call
    boot.has_pip = lambda: state.pip
    boot.version_of = lambda python: (3, 12) if python.is_file() else ()
    boot.shutil = SimpleNamespace(disk_usage=lambda folder: SimpleNamespace(free=100e9))
    return state


def be(scripts, platform, release=None):
    scripts.bootstrap.PLATFORM = platform
    scripts.bootstrap.OS_RELEASE.write_text(RELEASES.get(release, ""))


def kinds(runner):
    """What was run since the last look, in short."""
    words = {"-m venv": "venv", "-m pip": "pip", "-m capsviz": "capsviz"}
    found = [words[part] for line in runner.commands for part in words if part in line]
    runner.commands.clear()
    return found


@pytest.fixture
def failure(scripts, capsys):
    """Runs what must fail: one sentence, the line to type, exit code 1, and nothing more."""

    def fail(work, *arguments):
        capsys.readouterr()
        assert scripts.bootstrap.main(lambda: work(*arguments)) == 1
        told = capsys.readouterr().err.splitlines()
        sentence, line = (text for text in told if not text.startswith("Setting up"))
        assert sentence.endswith(":")
        assert ". " not in sentence
        assert line.startswith("    ")
        return sentence, line.strip()

    return fail


@pytest.mark.parametrize("name", NAMES)
def test_an_old_python_can_read_them(name):
    tree = ast.parse((SCRIPTS / f"{name}.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    nodes = list(ast.walk(tree))
    notes = [getattr(node, field, None) for node in nodes for field in ("annotation", "returns")]
    # Python 3.6 evaluates an annotation unless it is quoted, and knows no list[str]
    assert all(isinstance(note, ast.Name | ast.Constant | None) for note in notes)
    assert not [n for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "__future__"]


@pytest.mark.parametrize(
    ("platform", "release", "expected"),
    [
        ("linux", "debian", "sudo apt-get install python3.11 python3.11-venv && python3.11 "),
        ("linux", "ubuntu", "sudo apt-get install python3.11 python3.11-venv && python3.11 "),
        ("linux", "fedora", "sudo dnf install python3.12 && python3.12 scripts/run.py"),
        ("linux", "rocky", "sudo dnf install python3.12 && python3.12 scripts/run.py"),
        ("linux", "other", "https://www.python.org/downloads/"),
        ("darwin", None, "brew install python@3.12 && python3.12 scripts/run.py"),
        ("win32", None, "winget install Python.Python.3.12"),
    ],
)
def test_too_old_a_python(scripts, failure, platform, release, expected):
    be(scripts, platform, release)
    sentence, line = failure(scripts.bootstrap.check_python, (3, 10, 13))
    assert "3.10.13" in sentence
    assert line.startswith(expected)


def test_venv_or_ensurepip_missing(scripts, runner, failure):
    scripts.bootstrap.find_spec = lambda name: None if name == "ensurepip" else name
    _, line = failure(scripts.run.start, ["models"])
    assert line == f"sudo apt-get install python3.{sys.version_info.minor}-venv"
    assert kinds(runner) == []


@pytest.mark.parametrize(
    ("platform", "release", "expected"),
    [
        ("offscreen", "debian", "sudo apt-get install libegl1"),
        ("xcb", "ubuntu", "sudo apt-get install libegl1 libxcb-cursor0 libxcb-shape0"),
        ("xcb", "rocky", "sudo dnf install libglvnd-egl xcb-util-cursor libxcb"),
        ("wayland", "debian", "sudo apt-get install libegl1 libwayland-cursor0"),
    ],
)
def test_missing_libraries_of_qt(scripts, failure, platform, release, expected):
    gone = {"libEGL.so.1", "libxcb-cursor.so.0", "libxcb-shape.so.0", "libwayland-cursor.so.0"}
    scripts.run.loads = lambda soname: soname not in gone
    be(scripts, "linux", release)
    sentence, line = failure(scripts.run.check_libraries, platform)
    assert "libEGL.so.1" in sentence
    assert line == expected


def test_libraries_are_looked_for_by_name(root, scripts):
    fresh = importlib.util.spec_from_file_location("fresh", root / "scripts" / "run.py")
    module = importlib.util.module_from_spec(fresh)
    fresh.loader.exec_module(module)
    assert not module.loads("libno-such-thing.so.0")
    be(scripts, "darwin")
    scripts.run.loads = lambda soname: False
    assert scripts.run.check_libraries() is None  # elsewhere Qt brings all it needs


def test_too_little_disk(scripts, runner, failure, root):
    boot = scripts.bootstrap
    boot.shutil = SimpleNamespace(disk_usage=lambda folder: SimpleNamespace(free=5e8))
    sentence, line = failure(scripts.run.start, ["models"])
    assert str(root) in sentence
    assert "0.5 GB" in sentence
    assert line == "python3 scripts/run.py"
    (boot.ENVIRONMENT / "lib").mkdir(parents=True)
    (boot.ENVIRONMENT / "lib" / "torch").write_bytes(b"123456789")
    boot.ENVIRONMENT_GB = 10e-9  # an interrupted set-up of ten bytes needs a tenth of the room
    assert boot.prepare() == str(boot.PYTHON)


def test_too_little_disk_for_what_pip_downloads(scripts, runner, failure, root):
    here = SimpleNamespace(
        disk_usage=lambda folder: SimpleNamespace(free=9e10 * (folder == str(root)))
    )
    scripts.bootstrap.shutil = here
    sentence, line = failure(scripts.run.start, ["models"])
    assert scripts.bootstrap.tempfile.gettempdir() in sentence
    assert line == 'TMPDIR="$HOME" python3 scripts/run.py'


@pytest.mark.parametrize(
    ("platform", "number", "tool"),
    [
        ("linux", errno.EACCES, "sudo chown -R"),
        ("linux", errno.EROFS, "cp -r"),
        ("win32", errno.EACCES, "icacls"),
    ],
)
def test_a_folder_that_is_not_writable(scripts, runner, failure, root, platform, number, tool):
    def refuse(dir):
        raise OSError(number, "No entry", dir)

    be(scripts, platform)
    scripts.bootstrap.tempfile = SimpleNamespace(TemporaryFile=refuse)
    sentence, line = failure(scripts.bootstrap.prepare)
    assert f"{root} cannot be written to (No entry)" in sentence
    assert line.startswith(tool)
    assert str(root) in line


@pytest.mark.parametrize(
    ("tool", "hint"), [("-m venv", "delete that folder"), ("-m pip", "proxy")]
)
def test_a_set_up_that_fails_leaves_no_stamp(scripts, runner, failure, tool, hint):
    runner.codes[tool] = 2
    sentence, line = failure(scripts.run.start, ["models", "--json"])
    assert hint in sentence
    assert line == "python3 scripts/run.py"
    assert not scripts.bootstrap.STAMP.exists()


@pytest.mark.parametrize("text", [None, "[project", "[project]\n"])
def test_a_project_file_that_cannot_be_read(scripts, runner, failure, root, text):
    (root / "pyproject.toml").unlink() if text is None else (root / "pyproject.toml").write_text(
        text
    )
    sentence, line = failure(scripts.bootstrap.prepare)
    assert "pyproject.toml is unreadable" in sentence
    assert line == f"git -C '{root}' checkout pyproject.toml"


def test_what_the_system_refuses_is_no_traceback(scripts, runner, failure):
    scripts.bootstrap.ENVIRONMENT.write_text("a file where the folder should be")
    sentence, _ = failure(scripts.bootstrap.prepare)
    assert ".venv" in sentence


def test_the_second_start_installs_nothing(scripts, runner):
    boot = scripts.bootstrap
    assert boot.prepare() == str(boot.PYTHON)
    assert "--clear" in runner.commands[0]
    assert runner.commands[1].endswith("-e . -q")
    assert runner.options[1]["cwd"] == boot.ROOT
    assert kinds(runner) == ["venv", "pip"]
    assert boot.prepare() == str(boot.PYTHON)
    assert kinds(runner) == []


def test_pip_shows_its_progress_on_a_terminal(scripts, runner, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    scripts.bootstrap.prepare()
    assert "-q" not in runner.commands[-1].split()
    assert "stdout" not in runner.options[-1]


def test_extras_come_on_top_and_stay(scripts, runner):
    boot = scripts.bootstrap
    boot.prepare()
    boot.prepare("test")
    assert runner.commands[-1].endswith("-e .[test] -q")
    assert kinds(runner) == ["venv", "pip", "pip"]
    boot.prepare()
    boot.prepare("test")
    assert kinds(runner) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"torch"', '"torch>=2"', ["pip"]),
        ('"pytest"', '"pytest>=8"', []),
        ("scripts = {}", "scripts = {a = 'b:c'}", ["pip"]),
        ("[project]", "[tool.ruff]\nline-length = 9\n[project]", []),
    ],
)
def test_only_changed_requirements_are_installed(scripts, runner, root, old, new, expected):
    scripts.bootstrap.prepare()
    kinds(runner)
    (root / "pyproject.toml").write_text(PROJECT.replace(old, new))
    scripts.bootstrap.prepare()
    assert kinds(runner) == expected


def test_a_missing_stamp_needs_pip_only(scripts, runner):
    scripts.bootstrap.prepare()
    kinds(runner)
    scripts.bootstrap.STAMP.unlink()
    scripts.bootstrap.prepare()
    assert kinds(runner) == ["pip"]


@pytest.mark.parametrize("version", [(), (3, 10)])
def test_a_python_that_does_not_run_or_is_old_is_replaced(scripts, runner, version):
    boot = scripts.bootstrap
    boot.prepare()
    kinds(runner)
    boot.version_of = lambda python: version
    boot.prepare()
    assert kinds(runner) == ["venv", "pip"]


def test_a_missing_pip_is_replaced(scripts, runner):
    scripts.bootstrap.prepare()
    scripts.bootstrap.STAMP.unlink()
    kinds(runner)
    runner.pip = False
    scripts.bootstrap.prepare()
    assert kinds(runner) == ["venv", "pip"]


@pytest.mark.parametrize(("moment", "rest"), [("-m venv", ["venv", "pip"]), ("-m pip", ["pip"])])
def test_an_interrupted_set_up_goes_on_at_the_next_start(scripts, runner, capsys, moment, rest):
    runner.interrupt = moment
    assert scripts.bootstrap.main(scripts.bootstrap.prepare) == 130
    assert capsys.readouterr().err.splitlines()[1:] == ["Stopped by Ctrl-C."]
    assert not scripts.bootstrap.STAMP.exists()
    runner.interrupt = None
    kinds(runner)
    scripts.bootstrap.prepare()
    assert kinds(runner) == rest


@posix
@pytest.mark.parametrize("content", ["", "#!/bin/sh\nexit 1\n", "#!/bin/sh\necho hello\n", "no"])
def test_a_broken_python_has_no_version(scripts, tmp_path, content):
    broken = tmp_path / "python"
    assert scripts.bootstrap.version_of(broken) == ()
    broken.write_text(content)
    assert scripts.bootstrap.version_of(broken) == ()
    broken.chmod(0o755)
    assert scripts.bootstrap.version_of(broken) == ()
    assert scripts.bootstrap.version_of(Path(sys.executable)) == sys.version_info[:2]


@posix
def test_pip_must_run_inside_the_environment(scripts):
    boot = scripts.bootstrap
    boot.PYTHON.parent.mkdir(parents=True)
    boot.PYTHON.write_text("#!/bin/sh\nexit 0\n")
    boot.PYTHON.chmod(0o755)
    assert not boot.has_pip()  # without pyvenv.cfg that was the system's own
    (boot.ENVIRONMENT / "pyvenv.cfg").touch()
    assert boot.has_pip()
    boot.PYTHON.write_text("#!/bin/sh\nexit 1\n")
    assert not boot.has_pip()


def test_arguments_and_folder_are_forwarded(scripts, runner, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/misleading")
    before = Path.cwd()
    with pytest.raises(SystemExit) as end:
        scripts.run.start(["classify", "my picture.png", "--json"])
    assert end.value.code == 0
    assert runner.commands[-1].endswith("python -P -m capsviz classify my picture.png --json")
    assert runner.options[-1]["env"] == scripts.bootstrap.variables()
    assert "PYTHONHOME" not in runner.options[-1]["env"]
    assert Path.cwd() == before


def test_windows_waits_for_capsviz_and_takes_its_exit_code(scripts, runner):
    be(scripts, "win32")
    runner.codes["-m capsviz"] = 7
    assert scripts.run.start([]) == 7
    assert runner.options[-1] == {}  # the caller's own folder and variables


@pytest.mark.parametrize(
    ("line", "window"),
    [
        ("", True),
        ("--open three.png --model=mine", True),
        ("--model classify", True),
        ("--open", True),
        ("--open three.png --screenshot out.png", False),
        ("--screenshot=out.png", False),
        ("--model mine classify three.png", False),
        ("classify three.png --model mine", False),
        ("--help", False),
    ],
)
def test_what_opens_a_window(scripts, line, window):
    assert scripts.run.opens_window(line.split()) is window


@pytest.mark.parametrize("code", [0, 1])
def test_without_display_the_main_work_is_done_all_the_same(scripts, runner, capfd, code):
    runner.codes["-m capsviz"] = code
    assert scripts.run.start([]) == code
    assert runner.commands[-1].endswith("-P -m capsviz --screenshot capsviz.png")
    assert runner.options[-1]["env"]["QT_QPA_PLATFORM"] == "offscreen"
    first, *rest = capfd.readouterr().out.splitlines()
    assert first.startswith("There is no display")
    assert "    python3 scripts/run.py evaluate --data mnist" in rest
    for command in ("classify", "explain", "train", "benchmark", "models"):
        assert any(text.startswith(f"    python3 scripts/run.py {command}") for text in rest)


def test_without_display_a_window_with_arguments_is_refused(scripts, runner, failure, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["scripts/run.py", "--open", "a b.png"])
    _, line = failure(scripts.run.start, ["--open", "a b.png"])
    assert line == "python3 scripts/run.py --open 'a b.png' --screenshot capsviz.png"
    assert kinds(runner) == []


def test_a_platform_the_user_chose_is_taken(scripts, runner, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "vnc")
    with pytest.raises(SystemExit):
        scripts.run.start([])
    assert runner.commands[-1].endswith("-m capsviz")


@pytest.fixture
def listener(tmp_path_factory):
    """A real Unix socket that listens, in a folder of a name short enough for it."""
    folder = Path(tempfile.mkdtemp())
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "X7"))
        server.listen()
        yield folder / "X7"
    shutil.rmtree(folder)


@posix
def test_a_display_must_answer(scripts, listener):
    run = scripts.run
    run.X11_SOCKETS = str(listener.parent)
    assert run.qt_platform({"DISPLAY": ":7"}) == "xcb"
    assert run.qt_platform({"DISPLAY": "unix:7.0"}) == "xcb"
    for dead in ["", ":8", ":", "7", ":x", ":²", f":{'7' * 200}"]:
        assert run.qt_platform({"DISPLAY": dead}) == ""
    for nowhere in ["localhost:99999", f"{'h' * 99}:7"]:
        assert run.qt_platform({"DISPLAY": nowhere}) == ""
    wayland = {"WAYLAND_DISPLAY": "X7", "XDG_RUNTIME_DIR": str(listener.parent)}
    assert run.qt_platform({**wayland, "DISPLAY": ":7"}) == "wayland"
    assert run.qt_platform({"WAYLAND_DISPLAY": str(listener)}) == "wayland"
    assert run.qt_platform({"WAYLAND_DISPLAY": "X7"}) == ""
    assert run.qt_platform({**wayland, "WAYLAND_DISPLAY": "wayland-0"}) == ""


def test_a_display_of_another_machine_answers_by_tcp(scripts):
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1] - 6000
        assert scripts.run.x11_answers(f"127.0.0.1:{number}.0")
    assert not scripts.run.x11_answers(f"127.0.0.1:{number}.0")


def test_every_check_runs_and_one_failure_fails_the_whole(scripts, runner, capfd):
    runner.codes["-m mypy"] = 2
    assert scripts.test.check(["-k", "squash"]) == 1
    assert ".[test]" in runner.commands[1]
    tools = (
        "ruff check",
        "ruff format --check",
        "mypy",
        "importlinter",
        "pytest -n auto -k squash",
    )
    ran = runner.commands[2:]
    assert all(tool in line for tool, line in zip(tools, ran, strict=True))
    assert {options["cwd"] for options in runner.options[2:]} == {scripts.bootstrap.ROOT}
    assert {options["env"]["QT_QPA_PLATFORM"] for options in runner.options[2:]} == {"offscreen"}
    told = capfd.readouterr().out
    assert all(f"--- {name} ---" in told for name in scripts.test.CHECKS)
    assert told.count("FAILED") == 1
    runner.codes.clear()
    assert scripts.test.check([]) == 0


@posix
def test_ctrl_c_while_a_command_runs(scripts, root):
    child = (
        "import signal; signal.signal(2, signal.SIG_DFL); print('on', flush=True); signal.pause()"
    )
    work = (  # a job in the background inherits that Ctrl-C is ignored
        "import signal, sys, bootstrap; signal.signal(2, signal.default_int_handler); "
        "sys.exit(bootstrap.main(lambda: bootstrap.call(sys.argv[1:])))"
    )
    command = [sys.executable, "-c", work, sys.executable, "-c", child]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    here = root / "scripts"
    with subprocess.Popen(command, cwd=here, start_new_session=True, **pipes) as process:
        assert process.stdout.readline() == "on\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate() == ("", "Stopped by Ctrl-C.\n")
    assert process.returncode == 130


@posix
def test_a_commands_words_and_end_by_signal_are_passed_on(scripts, capsys):
    words = "import os, sys; print('said', file=sys.stderr, flush=True); os.kill(os.getpid(), 15)"
    code = scripts.bootstrap.call([sys.executable, "-c", words], stderr=subprocess.PIPE)
    assert code == 143
    assert capsys.readouterr().err == "said\n"


BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "capsviz-1-py3-none-any.whl"
    files = {
        "capsviz.pth": ROOT,
        "capsviz-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: capsviz\\nVersion: 1\\n",
        "capsviz-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: none\\nTag: py3-none-any\\n",
        "capsviz-1.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@posix
def test_a_real_environment_is_mended_and_kept(root, tmp_path, monkeypatch):
    """The whole way with a project that needs nothing: pip may not use the network."""
    (root / "capsviz").mkdir()
    (root / "capsviz" / "__main__.py").write_text(
        "import json, os, sys; print(json.dumps([os.getcwd(), sys.argv[1:]])); sys.exit(3)"
    )
    (root / "backend.py").write_text(f"ROOT = {str(root)!r}\n{BACKEND}")
    build = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    static = 'name = "capsviz"\nversion = "1"\ndependencies = []\nscripts = {}\n'
    (root / "pyproject.toml").write_text(f"{build}[project]\n{static}")
    for name, value in {"PIP_NO_INDEX": "1", "PIP_USER": "1"}.items():
        monkeypatch.setenv(name, value)
    guarded = (
        "import runpy, sys; sys.path.insert(0, sys.argv[1]); import bootstrap;"
        "bootstrap.check_space = lambda folder: None;"
        "sys.argv = ['run.py', *sys.argv[2:]]; runpy.run_module('run', run_name='__main__')"
    )

    def start():
        command = [sys.executable, "-c", guarded, str(root / "scripts"), "classify", "a b.png"]
        answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert answer.returncode == 3, answer.stderr
        assert json.loads(answer.stdout) == [str(tmp_path), ["classify", "a b.png"]]
        return answer.stderr

    broken = root / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.symlink_to("/no/such/python")
    assert "capsviz is set up." in start()
    assert start() == ""
