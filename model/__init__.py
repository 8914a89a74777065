# SPDX-License-Identifier: Apache-2.0
"""Training in torch and Brevitas: nets, quantizers, losses, export, twins."""

import sys
from importlib.util import find_spec

from fixedpoint import processes

_NEEDED = ("torch", "brevitas", "joblib", "matplotlib", "numba", "rich", "safetensors", "scipy")
_MISSING = [name for name in _NEEDED if find_spec(name) is None]
if _MISSING:
    _TEXT = f"model/ needs {', '.join(_MISSING)}: pip install torch==2.13.0, then '.[train]'"
    if sys.argv[0] == "-m":  # a command: one line, no traceback
        print(f"error: {_TEXT}", file=sys.stderr)
        raise SystemExit(2)
    raise ModuleNotFoundError(_TEXT)
processes.starting()  # torch takes seconds to import
