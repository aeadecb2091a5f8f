"""What the first answer imports, and what it must not."""

import subprocess
import sys

CODE = """
import sys
from capsviz.explore.explain import explain
from capsviz.explore.models import load_model
from capsviz.explore.sweep import sweep
import numpy as np
network = load_model(sys.argv[1], "cpu").network
answer = explain(network, np.zeros((28, 28), np.float32))
sweep(network, answer.poses[-1, 0], 0)
slow = {"torchvision", "torch._dynamo", "torch._inductor", "PIL", "rich", "matplotlib"}
print(sorted(slow & set(sys.modules)))
"""


def test_the_first_answer_imports_nothing_slow_that_it_does_not_need(tiny_file):
    command = (sys.executable, "-c", CODE, str(tiny_file))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
