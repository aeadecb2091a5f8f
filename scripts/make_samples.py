"""Make resources/mnist-sample.npz: the first twenty test digits of each class, in MNIST's order.

python scripts/make_samples.py FOLDER_WITH_MNIST
"""

import io
import sys
from pathlib import Path

import numpy as np

from capsviz.data.mnist import load_mnist
from capsviz.files import write_atomically

_PER_CLASS = 20

digits = load_mnist(Path(sys.argv[1]), "test")
chosen = np.sort(
    np.concatenate([np.flatnonzero(digits.labels == label)[:_PER_CLASS] for label in range(10)])
)
buffer = io.BytesIO()
np.savez_compressed(buffer, images=digits.images[chosen], labels=digits.labels[chosen])
target = Path(__file__).resolve().parent.parent / "resources" / "mnist-sample.npz"
write_atomically(target, buffer.getvalue())
print(f"{target.name}: {len(chosen)} digits, {len(buffer.getvalue())} bytes")
