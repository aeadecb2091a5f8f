"""How time and memory grow with the batch, the routing iterations and the classes.

Every row is a process of its own, so that its peak of memory is its own.

python scripts/growth.py [--write FILE.md] [--small]
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from capsviz.files import write_atomically

CODE = """
import json, sys, torch
from capsviz.timing import interleaved, peak_memory_mb
from capsviz.network import CapsNetConfig
from capsviz.training.learner import Learner
from capsviz.training.settings import TrainingSettings
batch, repeats, sizes = json.loads(sys.argv[1])
config = CapsNetConfig(**sizes)
learner = Learner(TrainingSettings(), config, torch.device("cpu"))
images = torch.rand(batch, 1, config.image_size, config.image_size)
labels = torch.arange(batch) % config.classes
before = peak_memory_mb()
step = lambda: learner.step(images, labels, 0, 1)
times = interleaved({"step": step}, repeats)["step"]
print(json.dumps([min(times), before, peak_memory_mb()]))
"""
SMALL = {"conv_channels": 8, "primary_types": 2}
TABLES = {
    "Images in a batch": [(n, n, {}) for n in (32, 64, 128, 256, 512)],
    "Routing iterations, batch 128": [
        (n, 128, {"routing_iterations": n}) for n in (1, 2, 3, 5, 7, 10)
    ],
    "Classes, batch 128": [(n, 128, {"classes": n}) for n in (5, 10, 20, 40)],
}

parser = argparse.ArgumentParser(description="Measure how training grows.")
parser.add_argument("--write", type=Path, help="put the tables between this document's marks")
parser.add_argument(
    "--small", action="store_true", help="the first row of each with a tiny network, to try"
)
options = parser.parse_args()


def measured(batch: int, sizes: dict[str, int]) -> tuple[float, float | None, float | None]:
    """Shortest step in seconds, megabytes before the first step and at the peak."""
    repeats, small = (1, SMALL) if options.small else (3, {})
    request = json.dumps([batch, repeats, sizes | small])
    command = (sys.executable, "-c", CODE, request)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, before, peak = json.loads(done.stdout)
    return seconds, before, peak


def table(title: str, rows: list[tuple[int, int, dict[str, int]]]) -> str:
    lines = [f"| {title} | step, s | images/s | memory of the step, MB |", "|---|---|---|---|"]
    for size, batch, sizes in rows[: 1 if options.small else None]:
        seconds, before, peak = measured(batch, sizes)
        more = "–" if before is None or peak is None else f"{peak - before:.0f}"
        lines.append(f"| {size} | {seconds:.2f} | {batch / seconds:.0f} | {more} |")
        print(lines[-1], file=sys.stderr)
    return "\n".join(lines)


text = "\n\n".join(table(title, rows) for title, rows in TABLES.items())
print(text)
if options.write:
    whole = options.write.read_text("utf-8")
    begin, end = "<!-- growth -->", "<!-- end of growth -->"
    head, tail = whole.split(begin)[0], whole.split(end)[1]
    write_atomically(options.write, f"{head}{begin}\n{text}\n{end}{tail}".encode())
