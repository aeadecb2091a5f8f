"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from capsviz.terminal import tracked_download

Model = Annotated[str, typer.Option(help="A name that `capsviz models` lists, or a path.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
Iterations = Annotated[
    int | None, typer.Option(min=1, max=10, help="Routing iterations; the trained number if none.")
]
DataDir = Annotated[
    Path | None, typer.Option(help="Folder of MNIST's four files; else CAPSVIZ_DATA, the cache.")
]
Download = Annotated[bool, typer.Option("--download", help="Fetch MNIST (11 MB) if missing.")]


def mnist_folder(data_dir: Path | None, download: bool) -> Path:
    """The folder of MNIST's files, which are fetched into it if that is asked for.

    Raises:
        CapsvizError: they cannot be fetched.
    """
    from capsviz.data.download import fetch_mnist
    from capsviz.places import data_folder

    folder = data_folder(data_dir)
    if download:
        for _ in tracked_download(fetch_mnist(folder)):
            pass
    return folder
