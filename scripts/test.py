"""Run every check, set up first if need be: `python3 scripts/test.py [arguments of pytest]`."""

import sys

import bootstrap
import run

CHECKS = {
    "ruff check": ("-m", "ruff", "check"),
    "ruff format --check": ("-m", "ruff", "format", "--check"),
    "mypy": ("-m", "mypy"),
    # import-linter has no __main__
    "lint-imports": ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
    "pytest": ("-m", "pytest", "-n", "auto"),  # a process for each core
}


def check(arguments: "list[str]") -> int:
    """0 when every check passes, else 1; all of them run, and the last is the whole suite."""
    run.check_libraries()
    python = bootstrap.prepare("test")
    env = bootstrap.variables()
    env["QT_QPA_PLATFORM"] = env.get("QT_QPA_PLATFORM") or "offscreen"
    codes = {}
    for name, words in CHECKS.items():
        print(f"\n--- {name} ---", flush=True)
        command = [python, *words, *(arguments if name == "pytest" else ())]
        codes[name] = bootstrap.call(command, cwd=bootstrap.ROOT, env=env)
    print("\n--- summary ---")
    for name, code in codes.items():
        print(f"{name:20} {f'FAILED with exit code {code}' if code else 'ok'}")
    return int(any(codes.values()))


if __name__ == "__main__":
    sys.exit(bootstrap.main(lambda: check(sys.argv[1:])))
