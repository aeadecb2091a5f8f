"""Take the README's pictures from the real program: draws a digit in both appearances.

python scripts/screenshots.py
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "resources" / "screenshots"


def take(appearance: str) -> None:
    """Let `capsviz --screenshot` draw its sample digit in these colours."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "settings.ini").write_text(f"[General]\nappearance={appearance}\n")
        picture = TARGET / f"window-{appearance}.png"
        subprocess.run(
            [sys.executable, "-m", "capsviz", "--screenshot", str(picture)],
            env={**os.environ, "CAPSVIZ_HOME": home, "QT_QPA_PLATFORM": "offscreen"},
            cwd=ROOT,
            check=True,
        )


for name in ("dark", "light"):
    take(name)
