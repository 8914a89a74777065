# SPDX-License-Identifier: Apache-2.0
"""The shipped PGD- and ADMM-Nets (see `model.store.shipped`)."""

from __future__ import annotations

from torch import nn

from model.store import shipped
from model.unfolded.config import NETWORKS
from model.unfolded.nets import UnfoldedNet, net_of


def names() -> list[str]:
    """Their names."""
    return [name for name in shipped.names() if name.startswith(NETWORKS)]


def load(name: str, rounding: nn.Module | None = None) -> UnfoldedNet:
    """One of them, float32; `rounding` = `Identity()` makes the float twin of a quantized one.

    Raises `ValueError` on a name that is not shipped.
    """
    return net_of(shipped.checkpoint_of(name), rounding)
