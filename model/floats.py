"""The shipped full-precision nets (`model/floats.json`), trained by themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from fixedpoint.files import write_text
from model.pgd import PROXES, Constants, PgdNet

SHIPPED = Path(__file__).parent / "floats.json"


def load_shipped(path: Path = SHIPPED) -> dict[str, PgdNet]:
    """The float nets by prox; `ValueError` if the file is not what `store` writes."""
    nets = {}
    for prox, entry in _read(path).items():
        try:
            eta = torch.tensor(entry["eta"], dtype=torch.float64)
            raw = torch.tensor(entry["raw_threshold"], dtype=torch.float64)
            constants = Constants(len(eta), 1.0, 1.0).double()
            constants.load_state_dict({"eta": eta, "raw_threshold": raw})
            nets[prox] = PgdNet(_known(prox), constants)
        except (KeyError, TypeError, RuntimeError) as error:
            raise ValueError(f"{path}, {prox}: not a float net ({error!r})") from None
    return nets


def store(net: PgdNet, prox: str, provenance: str, path: Path = SHIPPED) -> None:
    """Write one net beside the others, the file whole or not at all."""
    state = net.constants.state_dict()
    entry: dict[str, Any] = {name: tensor.tolist() for name, tensor in state.items()}
    nets = _read(path) if path.exists() else {}
    nets[prox] = {"provenance": provenance, **entry}
    write_text(path, json.dumps(nets, indent=2, sort_keys=True) + "\n")


def _known(prox: str) -> str:
    if prox not in PROXES:
        raise ValueError(f"prox {prox!r} is not one of {', '.join(PROXES)}")
    return prox


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not readable as JSON: {error}") from None
    if not isinstance(data, dict):
        raise ValueError(f"{path} is not a JSON object")
    return data
