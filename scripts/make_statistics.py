"""Measure where the poses of a shipped network lie, and keep it beside the network's weights.

On MNIST's test digits where they are at hand, else on the few that ship with the program.

python scripts/make_statistics.py [NAME] [--data-dir FOLDER]
"""

import argparse
from pathlib import Path

from capsviz.data.labelled import load_labelled
from capsviz.data.mnist import has_mnist
from capsviz.explore.models import load_model
from capsviz.explore.statistics import pose_statistics, save_statistics, sidecar
from capsviz.places import MODEL_SUFFIX, data_folder, resources_folder, shipped_models_folder

parser = argparse.ArgumentParser(description="Measure the poses of a shipped network.")
parser.add_argument("name", nargs="?", default="digits", help="a network of models/")
parser.add_argument("--data-dir", type=Path, help="folder that holds MNIST's four files")
options = parser.parse_args()

network = load_model(str(shipped_models_folder() / f"{options.name}{MODEL_SUFFIX}"), "cpu")
folder = data_folder(options.data_dir)
source = "mnist" if has_mnist(folder) else str(resources_folder() / "mnist-sample.npz")
config = network.network.config
digits = load_labelled(source, config.image_size, folder, border=config.border)
measured = pose_statistics(network.network, digits.images, digits.labels)
target = sidecar(network.path)
save_statistics(target, network.network, measured)
print(f"{target.name}: {measured.n} digits of {digits.name}, {target.stat().st_size} bytes")
