"""Start capsviz, set up first if need be: `python3 scripts/run.py [arguments of capsviz]`."""

import os
import socket
import sys
from typing import TYPE_CHECKING

import bootstrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CAPSVIZ = ("-P", "-m", "capsviz")  # -P: no file of the caller's folder is imported by mistake
PICTURE = "capsviz.png"
X11_SOCKETS = "/tmp/.X11-unix"

# soname: the package that holds it on Debian, on Fedora; PySide6 ships none of them
OFFSCREEN = {
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
}
X11 = {
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
}
WAYLAND = {
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor"),
}
PLATFORM_LIBRARIES = {"xcb": X11, "wayland": WAYLAND}

WITHOUT_DISPLAY = (
    "classify FILE...",
    "evaluate --data mnist",
    "explain FILE --output OUT.npz",
    "train --output RUN",
    "benchmark",
    "models",
)


def start(arguments: "list[str]") -> int:
    """Exit code of capsviz; a window gets its display and libraries checked beforehand."""
    if not opens_window(arguments):
        if any(word.startswith("--screenshot") for word in arguments):
            check_libraries()
        return hand_over(arguments)
    platform = qt_platform(os.environ)
    if not platform and not arguments:
        return draw_without_display()
    if not platform:
        raise bootstrap.SetupError(
            "There is no display for a window to open on; have it drawn into a picture with",
            f"{bootstrap.again()} --screenshot {PICTURE}",
        )
    check_libraries(platform)
    return hand_over(arguments)


def opens_window(arguments: "list[str]") -> bool:
    """Whether there is nothing but options of the window, each with its value."""
    rest = iter(arguments)
    for word in rest:
        if word.partition("=")[0] not in ("--open", "--model"):
            return False
        if "=" not in word:
            next(rest, None)
    return True


def hand_over(arguments: "Iterable[str]") -> int:
    """Become capsviz, in the caller's folder; only Windows, which has no exec, keeps a parent."""
    command = [bootstrap.prepare(), *CAPSVIZ, *arguments]
    if bootstrap.PLATFORM == "win32":
        return bootstrap.call(command)
    os.execve(command[0], command, bootstrap.variables())


def draw_without_display() -> int:
    """The main work of capsviz, drawn off screen, and what else it can do there."""
    say(f"There is no display, so capsviz draws its window into {PICTURE} instead of opening it.")
    check_libraries()
    command = [bootstrap.prepare(), *CAPSVIZ, "--screenshot", PICTURE]
    code = bootstrap.call(command, env=dict(bootstrap.variables(), QT_QPA_PLATFORM="offscreen"))
    say("These need no display:")
    for work in WITHOUT_DISPLAY:
        say(f"    {bootstrap.again()} {work}")
    return code


def qt_platform(environ: "Mapping[str, str]") -> str:
    """The platform plugin Qt will take; empty when no display answers.

    Qt tries Wayland first, and X11 when it is not there.
    """
    if bootstrap.PLATFORM != "linux" or environ.get("QT_QPA_PLATFORM"):
        return environ.get("QT_QPA_PLATFORM") or "native"
    if wayland_answers(environ.get("WAYLAND_DISPLAY", ""), environ.get("XDG_RUNTIME_DIR", "")):
        return "wayland"
    return "xcb" if x11_answers(environ.get("DISPLAY", "")) else ""


def wayland_answers(name: str, folder: str) -> bool:
    """Whether the compositor listens: a socket of XDG_RUNTIME_DIR, or at an absolute path."""
    path = os.path.join(folder, name)
    return bool(name) and os.path.isabs(path) and listens(path)


def x11_answers(display: str) -> bool:
    """Whether the X server of `[host]:number[.screen]` listens."""
    host, colon, number = display.rpartition(":")
    number = number.partition(".")[0]
    if not (colon and number.isdecimal()):
        return False
    if host not in ("", "unix"):
        return listens((host.strip("[]"), 6000 + int(number)))
    path = f"{X11_SOCKETS}/X{number}"
    return listens(path) or listens("\0" + path)  # the second: in Linux's abstract namespace


def listens(address: "str | tuple[str, int]") -> bool:
    """Whether a Unix socket (a path) or a TCP port (host, port) can be connected to."""
    try:
        if isinstance(address, tuple):
            socket.create_connection(address, timeout=2).close()
            return True
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            probe.connect(address)
    except (OSError, OverflowError, ValueError):  # refused, a port too high, no host name at all
        return False
    return True


def check_libraries(platform: str = "offscreen") -> None:
    """Qt names the wrong library when one is missing, so each is tried by its own name."""
    wanted = {**OFFSCREEN, **PLATFORM_LIBRARIES.get(platform, {})}
    missing = [name for name in wanted if bootstrap.PLATFORM == "linux" and not loads(name)]
    if missing:
        names = ", ".join(missing)
        debian, fedora = (" ".join(dict.fromkeys(wanted[n][i] for n in missing)) for i in (0, 1))
        mending = {
            "debian": f"sudo apt-get install {debian}",
            "fedora": f"sudo dnf install {fedora}",
        }.get(bootstrap.family(), f"(your package manager; the packages that hold {names})")
        trouble = f"Qt needs system libraries that this machine lacks ({names})"
        raise bootstrap.SetupError(f"{trouble}; install them with", mending)


def loads(soname: str) -> bool:
    import ctypes  # here, as a Python built without it must still get to its own message

    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    sys.exit(bootstrap.main(lambda: start(sys.argv[1:])))
