"""Nothing in the package can run code from a file: no pickle, no eval, by its syntax tree."""

import ast
from pathlib import Path

import pytest

import capsviz

FORBIDDEN_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve"}
FORBIDDEN_MODULES |= {"marshal", "copyreg", "jsonpickle"}
FORBIDDEN_NAMES = {"eval", "exec", "__import__"}
FORBIDDEN_CALLS = {
    *("torch.load", "torch.save", "torch.jit.load", "torch.package.PackageImporter"),
    *("torch.hub.load", "yaml.load", "yaml.unsafe_load", "yaml.full_load"),
    *("builtins.eval", "builtins.exec"),
}
SOURCES = sorted(Path(capsviz.__file__).parent.rglob("*.py"))


def import_names(tree):
    """What each imported name stands for: {"t": "torch"} after `import torch as t`."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.split(".")[0]
                names[alias.asname or whole] = whole
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node, names):
    """`torch.load` for that attribute, whatever alias torch was imported under; else ""."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = dotted(node.value, names)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imported_modules(node):
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").split(".")[0]}
    return set()


def allows_pickle(node):
    return isinstance(node, ast.keyword) and node.arg == "allow_pickle"


def offences(source):
    """Line numbers and names of everything forbidden; used or merely mentioned as a value."""
    tree = ast.parse(source)
    names = import_names(tree)
    found = []
    for node in ast.walk(tree):
        found += [(node.lineno, name) for name in imported_modules(node) & FORBIDDEN_MODULES]
        name = dotted(node, names)
        if name in FORBIDDEN_CALLS | FORBIDDEN_NAMES:
            found.append((node.lineno, name))
        if allows_pickle(node) and not (
            isinstance(node.value, ast.Constant) and node.value.value is False
        ):
            found.append((node.value.lineno, "allow_pickle"))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_module_can_run_code_from_a_file(path):
    assert offences(path.read_text(encoding="utf-8")) == []


def test_the_network_is_among_the_modules_searched():
    assert {"capsnet", "checkpoint", "files"} <= {path.stem for path in SOURCES}


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.load('x')",
        "import torch as t\nt.save({}, 'x')",
        "from torch import load\nload('x')",
        "from torch import save as keep\nkeep({}, 'x')",
        "import torch\nreader = torch.load",
        "import pickle",
        "import pickle as p",
        "from pickle import loads",
        "def later():\n    import dill",
        "import yaml\nyaml.load('x')",
        "eval('1')",
        "list(map(eval, []))",
        "exec('1')",
        "__import__('pickle')",
        "import builtins\nbuiltins.eval('1')",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "import numpy as np\nnp.load('x', allow_pickle=flag)",
    ],
)
def test_the_search_finds(source):
    assert offences(source)


@pytest.mark.parametrize(
    "source",
    [
        "model.eval()",
        "self.model.eval().requires_grad_(False)",
        "import safetensors.torch\nsafetensors.torch.load(b'')\nsafetensors.torch.save({})",
        "import numpy as np\nnp.load('x', allow_pickle=False)",
        "from capsviz.session import load\nload('x')",
        "import json\njson.load(file)",
        "'torch.load'  # in a text",
    ],
)
def test_the_search_lets_pass(source):
    assert offences(source) == []
