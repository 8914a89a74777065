# SPDX-License-Identifier: Apache-2.0
"""Training in torch and Brevitas: nets, quantizers, losses, export, twins."""

import os
import sys
from importlib.util import find_spec


def _foreign(name: str) -> str:
    """Where another package of that name lies, which Python finds first; empty if none does."""
    found = find_spec(name)
    origin = "" if found is None else found.origin or "a folder"
    own = os.path.join(os.path.dirname(__file__), os.pardir, name, "__init__.py")
    return "" if os.path.exists(origin) and os.path.samefile(origin, own) else origin or "missing"


_FOREIGN = {name: where for name in ("fixedpoint",) if (where := _foreign(name))}
if _FOREIGN:
    _NAME, _WHERE = next(iter(_FOREIGN.items()))
    _TEXT = f"{_NAME} is {_WHERE}, not bitfold's: python -P -m leaves the working folder out"
    if sys.argv[0] == "-m":  # a command: one line, no traceback
        print(f"error: {_TEXT}", file=sys.stderr)
        raise SystemExit(2)
    raise ImportError(_TEXT)

from fixedpoint.support import processes  # noqa: E402

_NEEDED = ("torch", "brevitas", "joblib", "matplotlib", "numba", "rich", "safetensors", "scipy")
_MISSING = [name for name in _NEEDED if find_spec(name) is None]
if _MISSING:
    _TEXT = f"model/ needs {', '.join(_MISSING)}: pip install torch==2.13.0, then '.[train]'"
    if sys.argv[0] == "-m":  # a command: one line, no traceback
        print(f"error: {_TEXT}", file=sys.stderr)
        raise SystemExit(2)
    raise ModuleNotFoundError(_TEXT)
processes.starting()  # torch takes seconds to import
