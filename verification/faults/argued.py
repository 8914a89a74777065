# SPDX-License-Identifier: Apache-2.0
"""Why a fault in the RTL that no comparison notices changes nothing: argued, where no solver ends.

A solver proves two modules the same from any state. What follows holds from a reset on.
"""

from __future__ import annotations

from verification.faults.mutate import Mutation

LOADED = ".write_bank_i, .write_layer_i, .write_item_i, .write_data_i,"
"""The writing ports of a constant or a table that θ brings (`loaded_constant`, `loaded_table`)."""


def reason(mutation: Mutation, text: str) -> str | None:
    """The argument of a fault in a file's text, or None if there is none.

    `theta_port` writes to a bank that nobody reads, and takes it into use when each entry was
    written by a beat of its own frame: the write of that beat is the last one at its place, since
    layer and item go on with it. A write in any other cycle is overwritten ahead of its first read.
    """
    if mutation.name != "stuck high" or (mutation.before, mutation.after) != (
        ".write_i", ".write_i('1)",
    ):  # fmt: skip
        return None
    line = text.splitlines()[mutation.line - 1]
    if not line[mutation.column + len(mutation.before) :].startswith(f", {LOADED}"):
        return None
    return "a bank that nobody reads is written by whole frames of θ ahead of its use"
