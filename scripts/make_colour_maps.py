"""Takes the colour maps that the views use out of pyqtgraph, which is slow to import."""

from pathlib import Path

import numpy as np
import pyqtgraph as pg

NAMES = ("magma", "CET-D1", "CET-D4")

folder = Path(__file__).resolve().parent.parent / "resources"
np.savez_compressed(
    folder / "colour-maps.npz",
    **{
        name: np.asarray(pg.colormap.get(name).getLookupTable(0, 1, 256)[:, :3], np.uint8)
        for name in NAMES
    },
)
