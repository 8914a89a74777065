# SPDX-License-Identifier: Apache-2.0
"""The commented file that `bitfold new` writes: every key with its start value and its meaning."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

from bitfold.system.tables import TABLES, SystemTable

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""Of a build, and of its spec."""
HEAD = """\
# A system, front to back: `bitfold build {file}` trains its detector and makes everything of it.
# Every key may be left out: what stands here is what it is then. Paths are beside this file.

name = {name}
"""
CHANNEL = """\
[channel]
kind = "iid"  # iid, kronecker, rician, file: draws of your own, or a 3GPP channel: tdl-a to tdl-e,
#   cdl-a to cdl-e, umi, which the build draws by Sionna (pip install bitfold[sionna])
# receive_correlation = 0.7  # kronecker, rician: rho of the receive antennas, 0 to 1
# transmit_correlation = 0.0  # the same of the users
# rician_k_db = 6.0  # rician: the direct path over all others
# file = "channels.npz"  # file: H (draws, receive, transmit), complex; .npz or .mat
# draws = 5000  # 3GPP: coherence blocks, of which 70 % train, 15 % validate, 15 % are counted
# carrier_ghz = 3.5  # 3GPP
# delay_spread_ns = 100.0  # tdl, cdl
# subcarriers = 1  # 3GPP: matrices of each block
# spacing_khz = 30.0  # 3GPP: of the subcarriers
# seed = 0  # 3GPP: of the draws
# csi_error = 0.01  # variance of the estimate's error over that of an entry
# snr_mismatch_db = 0.0  # the SNR that the receiver believes, less the true one
"""
TRAINING = """\
[training]
# entries of the detector's training: `python -m model.train DETECTOR --help` lists them
# seed = 0
"""


def text(name: str, file: str) -> str:
    """The file's text, for a build of that name."""
    detector, snr, words, *others = map(_table, TABLES)
    parts = [HEAD.format(name=json.dumps(name), file=file), _table(SystemTable), CHANNEL, snr,
             detector, words, TRAINING, *others]  # fmt: skip
    return "\n".join(parts)


def _table(kind: Any) -> str:
    lines = [f"[{kind.title}]"]
    for field in dataclasses.fields(kind):
        lines.append(f"{field.name} = {_value(field.default)}  # {field.metadata['meaning']}")
    if getattr(kind, "more", False):
        lines.append('# state = "12.8"  # a format of the spec: bits, then those of the fraction')
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """As TOML writes it."""
    return json.dumps(value)
