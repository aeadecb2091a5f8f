"""Make resources/mnist-sample.npz: 200 test digits of each class, drawn at random, mixed.

python scripts/make_samples.py [FOLDER_WITH_MNIST]

Without a folder, MNIST is looked for where the program looks: `$CAPSVIZ_DATA`, else the cache.
"""

import io
import sys
from pathlib import Path

import numpy as np

from capsviz.data.mnist import load_mnist
from capsviz.files import write_atomically
from capsviz.places import data_folder

_PER_CLASS = 200
_SEED = 2017

digits = load_mnist(data_folder(Path(sys.argv[1]) if sys.argv[1:] else None), "test")
rng = np.random.default_rng(_SEED)
by_class = [
    rng.choice(np.flatnonzero(digits.labels == label), _PER_CLASS, replace=False)
    for label in range(10)
]
# one of each class in every ten, so that any first part of the file is balanced too
chosen = rng.permuted(np.stack(by_class, axis=1), axis=1).ravel()
buffer = io.BytesIO()
np.savez_compressed(
    buffer,
    images=digits.images[chosen],
    labels=digits.labels[chosen],
    indices=chosen.astype(np.uint16),
)
target = Path(__file__).resolve().parent.parent / "resources" / "mnist-sample.npz"
write_atomically(target, buffer.getvalue())
print(f"{target.name}: {len(chosen)} digits, {len(buffer.getvalue())} bytes")
