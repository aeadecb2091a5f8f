"""Make `.venv` and keep it whole: what run.py and test.py share.

All three scripts keep to the syntax and the imports of Python 3.6, so that an old Python can
still say which one is needed; hence the quoted annotations.
"""

import errno
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLATFORM = sys.platform
OS_RELEASE = Path("/etc/os-release")
OLDEST = (3, 11)
NEWEST = "https://www.python.org/downloads/"
ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if PLATFORM == "win32" else "bin/python")
STAMP = ENVIRONMENT / "capsviz-setup.txt"

# measured: 6.1 and 2.8; torch brings its CUDA libraries on Linux only
ENVIRONMENT_GB, DOWNLOADS_GB = (6.2, 2.9) if PLATFORM == "linux" else (1.5, 0.5)


class SetupError(Exception):
    """A failure a person can mend: one sentence, and the line to type."""

    def __init__(self, sentence: str, mending: str) -> None:
        super().__init__(f"{sentence}:\n    {mending}")


def main(work: "Callable[[], int]") -> int:
    """The exit code of `work`; what a person can mend becomes one sentence and exit code 1."""
    try:
        check_python(tuple(sys.version_info[:3]))
        return work()
    except KeyboardInterrupt:
        say("Stopped by Ctrl-C.")
        return 130
    except OSError as error:
        say(SetupError(f"The system refused ({error}); mend that and start again", again()))
    except SetupError as failure:
        say(failure)
    return 1


def prepare(*extras: str) -> str:
    """Path of the environment's Python, once the project and `extras` are installed in it."""
    if not fingerprints(extras) <= stamped():
        filled = ENVIRONMENT if ENVIRONMENT.is_dir() else ROOT  # it may be a link to another disk
        check_writable(filled)
        check_space(filled)
        set_up(extras)
    return str(PYTHON)


def call(
    command: "list[str]",
    cwd: "Path | None" = None,
    env: "dict[str, str] | None" = None,
    stdout: "int | None" = None,
    stderr: "int | None" = None,
) -> int:
    """Exit code of a command; what it writes into a pipe is passed on line by line."""
    process = subprocess.Popen(
        command, cwd=cwd, env=env or variables(), stdout=stdout, stderr=stderr, errors="replace"
    )
    with process:
        try:
            for line in process.stdout or process.stderr or ():
                say(line.rstrip())
            code = process.wait()
        except KeyboardInterrupt:
            let_finish(process)
            raise
    return code if code >= 0 else 128 - code  # as a shell names an end by signal


def let_finish(process: "subprocess.Popen[str]") -> None:
    """The terminal sent Ctrl-C to the child too: it may tidy up and close its report."""
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.terminate()


def set_up(extras: "Iterable[str]") -> None:
    """Mend or make the environment, install into it, and only then put the stamp on it."""
    room = f"{ENVIRONMENT_GB + DOWNLOADS_GB:.0f} GB of disk"
    say(f"Setting up {ENVIRONMENT}; the first time takes some minutes and about {room}.")
    STAMP.unlink(missing_ok=True)  # half an update must not pass for a whole one
    if version_of(PYTHON) < OLDEST or not has_pip():
        make_environment()
    install(extras)
    STAMP.write_text("\n".join(sorted(fingerprints(extras))), encoding="utf-8")
    say("capsviz is set up.")


def make_environment() -> None:
    """An empty environment with pip, in place of whatever is there."""
    check_venv_module()
    # inside another environment, or this very one, the Python to build on is its base
    base = getattr(sys, "_base_executable", sys.executable)
    command = [base, "-I", "-m", "venv", "--clear", str(ENVIRONMENT)]
    if call(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT):
        trouble = f"venv could not make {ENVIRONMENT} (its last lines are above)"
        raise SetupError(f"{trouble}; delete that folder and start again", again())


def install(extras: "Iterable[str]") -> None:
    """One plain pip command, so that torch and torchvision come from the same place."""
    # -I: what PYTHONPATH shows is not installed; --no-user: a user's pip.conf may ask for that
    pip = [str(PYTHON), "-I", "-m", "pip", "install", "--no-user", "--disable-pip-version-check"]
    pip += ["-e", ".[{}]".format(",".join(extras)) if extras else "."]
    if sys.stdout.isatty():
        code = call(pip, cwd=ROOT, stderr=subprocess.PIPE)
    else:  # what reads our stdout waits for capsviz's own words
        code = call([*pip, "-q"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if code:
        trouble = f"pip stopped with exit code {code} (its last lines are above)"
        remedy = "check the network, the proxy (HTTPS_PROXY) and the free disk, and start again"
        raise SetupError(f"{trouble}; {remedy}", again())


def fingerprints(extras: "Iterable[str]") -> "set[str]":
    """A hash for the project's own requirements, and one for each extra's."""
    import tomllib  # Python 3.11 brings it

    file = ROOT / "pyproject.toml"
    restore = f"git -C {shlex.quote(str(ROOT))} checkout pyproject.toml"
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        base = [project["dependencies"], project["scripts"], version_of(PYTHON), str(ROOT)]
        wanted = [[*base, name, project["optional-dependencies"][name]] for name in extras]
    except (OSError, ValueError, KeyError) as error:
        raise SetupError(f"{file} is unreadable ({error}); restore it with", restore) from error
    return {hashlib.sha256(json.dumps(one).encode()).hexdigest() for one in [base, *wanted]}


def stamped() -> "set[str]":
    """The fingerprints of what is installed; none after an interrupted set-up."""
    return set(STAMP.read_text(encoding="utf-8").split()) if STAMP.is_file() else set()


def version_of(python: Path) -> "tuple[int, ...]":
    """Major and minor version of an interpreter; () when it does not run."""
    question = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([str(python), "-I", "-S", "-c", question], capture_output=True)
        return tuple(map(int, answer.stdout.split()))
    except (OSError, ValueError):
        return ()


def has_pip() -> bool:
    """Whether pip runs in the environment; without its pyvenv.cfg it would be the system's."""
    answer = subprocess.run([str(PYTHON), "-I", "-m", "pip", "--version"], capture_output=True)
    return answer.returncode == 0 and (ENVIRONMENT / "pyvenv.cfg").is_file()


def check_python(version: "tuple[int, ...]") -> None:
    if version >= OLDEST:
        return
    mending = {
        "debian": "sudo apt-get install python3.11 python3.11-venv && " + again("python3.11"),
        "fedora": "sudo dnf install python3.12 && " + again("python3.12"),
        "darwin": "brew install python@3.12 && " + again("python3.12"),
        "win32": "winget install Python.Python.3.12",
    }
    trouble = "Python 3.11 or newer is needed, but this is {}.{}.{}".format(*version)
    raise SetupError(f"{trouble}; get one with", mending.get(family(), NEWEST))


def check_venv_module() -> None:
    if find_spec("venv") and find_spec("ensurepip"):
        return
    debian = f"sudo apt-get install python3.{sys.version_info[1]}-venv"
    mending = {"debian": debian, "fedora": "sudo dnf reinstall python3-libs"}.get(family(), NEWEST)
    raise SetupError("This Python lacks its modules venv and ensurepip; get them with", mending)


def check_writable(folder: Path) -> None:
    try:
        tempfile.TemporaryFile(dir=str(folder)).close()
    except OSError as error:
        mending = f'sudo chown -R "$(id -un)" {shlex.quote(str(folder))}'
        if PLATFORM == "win32":
            mending = f'icacls "{folder}" /grant "%USERNAME%:(OI)(CI)F" /T'
        elif error.errno == errno.EROFS:
            script = f"scripts/{Path(sys.argv[0]).name}"
            mending = f"cp -r {shlex.quote(str(ROOT))} ~/capsviz && python3 ~/capsviz/{script}"
        trouble = f"The folder {folder} cannot be written to ({error.strerror})"
        raise SetupError(f"{trouble}; make it yours with", mending) from error


def check_space(folder: Path) -> None:
    """Room for what is still missing, by file system: pip's downloads wait in TMPDIR."""
    temporary = Path(tempfile.gettempdir())
    files = (os.path.join(here, n) for here, _, names in os.walk(ENVIRONMENT) for n in names)
    present = sum(os.lstat(file).st_size for file in files) / 1e9
    missing = max(0.0, 1 - present / ENVIRONMENT_GB)
    downloads = DOWNLOADS_GB if folder.stat().st_dev == temporary.stat().st_dev else 0
    check_room(folder, missing * (ENVIRONMENT_GB + downloads), again())
    elsewhere = "" if PLATFORM == "win32" else 'TMPDIR="$HOME" '
    check_room(temporary, missing * DOWNLOADS_GB, elsewhere + again())


def check_room(folder: Path, need: float, mending: str) -> None:
    free = shutil.disk_usage(str(folder)).free / 1e9
    if free < need:
        trouble = f"{folder} needs {need:.1f} GB of free disk for the set-up and has {free:.1f} GB"
        raise SetupError(f"{trouble}; make room and start again", mending)


def variables() -> "dict[str, str]":
    """The caller's environment variables, less the one that misleads an environment's Python."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}


def family() -> str:
    """`debian` or `fedora` for these and their kin, else `sys.platform`."""
    if PLATFORM == "linux" and OS_RELEASE.is_file():
        names = re.findall(r"^ID(?:_LIKE)?=(.*)", OS_RELEASE.read_text(encoding="utf-8"), re.M)
        for kin, kind in (("debian|ubuntu", "debian"), ("fedora|rhel|centos", "fedora")):
            if re.search(kin, " ".join(names)):
                return kind
    return PLATFORM


def again(python: str = "python3") -> str:
    """The line that starts this script once more with the same arguments."""
    if PLATFORM == "win32":
        return "py " + subprocess.list2cmdline(sys.argv)
    return " ".join([python, *map(shlex.quote, sys.argv)])


def say(message: object) -> None:
    print(message, file=sys.stderr, flush=True)  # stdout is capsviz's: it may be read as JSON
