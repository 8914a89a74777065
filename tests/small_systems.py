# SPDX-License-Identifier: Apache-2.0
"""Files of small systems with short trainings, and the command `bitfold` on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}
SHORT = """
[compare]
golden = 8
csim = 40
native = 400
rtl = 60
[evaluate]
errors = 20
max_vectors = 200
snr = "10:30:10"
"""
TRAINING = {
    "admm": "float_epochs = 1\nepochs = 1\nsamples = 1500\nvalidation = 60",
    "pgd": "float_epochs = 1\nepochs = 1\nsamples = 1500\nvalidation = 60",
    "hpd": "",
    "fpd": "epochs = 1\ndecay = 0\nsteps = 4\nbatch = 100\nvalidation = 50\ntable = 100",
}
SYSTEMS = {
    "4x4-qpsk": ("4x4", "qpsk", "admm", ""),
    "6x5-16qam": ("6x5", "16qam", "pgd", ""),
    "12x7-64qam": ("12x7", "64qam", "admm", ""),
    "64x16-16qam": ("64x16", "16qam", "pgd", ""),
    "32x4-2units-3bit": ("32x4", "qpsk", "hpd", "units = 2\nadc_bits = 3"),
    "32x4-2units-3bit-fpd": ("32x4", "16qam", "fpd", "units = 2\nadc_bits = 3"),
    "4x4-256qam": ("4x4", "256qam", "admm", ""),
}


def written(folder: Path, name: str, more: str = SHORT) -> Path:
    antennas, modulation, detector, converters = SYSTEMS[name]
    path = folder / f"{name}.toml"
    path.write_text(
        f'[system]\nantennas = "{antennas}"\nmodulation = "{modulation}"\n{converters}\n'
        f'[detector]\nname = "{detector}"\n[training]\n{TRAINING[detector]}\n{more}'
    )
    return path


def bitfold(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bitfold", *map(str, words)], env=HERE, cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip


def compared(folder: Path, view: str) -> tuple[int, int]:
    """Integers compared, and those that differ."""
    found = json.loads((folder / f"results/{view}.json").read_text())
    runs = found if isinstance(found, list) else found.get("runs", [found])
    integers, differing = (sum(sum(run[kind].values()) for run in runs)
                           for kind in ("compared", "differing"))  # fmt: skip
    return integers, differing
