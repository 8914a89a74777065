# SPDX-License-Identifier: Apache-2.0
"""The slips that compute the same for every input, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from verification.faults.mutate import Mutation

NAME = "a label or a signal has another name, which no other one has"
STORED = "how many results are kept to be asked for again"
FROZEN = "nothing assigns to a field after it is made: the type check holds that"
TEXT = "where a line of emitted text breaks"
SURPLUS = "a table's addresses have address_bits, as what is held has: a bit more changes nothing"
GUARD = "inputs and results of instances, of which it is asked, are no constants and all taken"
REASONS: Mapping[tuple[str, str], str] = {
    ("functions.py", "text, number = name, 2"): NAME,
    ("names.py",
     'numbered = (name if i == 2 else f"{name}{i}" for i in range(1, len(taken) + 2))'): NAME,
    ("program.py", "@lru_cache(maxsize=65)"): STORED,
    ("emit.py", "@lru_cache(maxsize=65)"): STORED,
    ("functions.py", "WIDTH = 101"): TEXT,
    ("pipeline.py",
     "if self.schedule.constant(value) and value not in self.schedule.uses:"): GUARD,
    ("text.py", "LINE = 111"): TEXT,
    ("lookup.hpp", "constexpr int wide = Work > Table::address_bits - 1 ? Work : "
     "Table::address_bits + 1;"): SURPLUS,
}  # fmt: skip
"""By file and faulty line, without its indent."""


def reason(text: str, slip: Mutation) -> str:
    """Why a slip in a file's text is equal; nothing if it is not known to be."""
    return REASONS.get((slip.file, _line(slip.apply(text), slip)), "")


def reason_of_same_text(text: str, slip: Mutation) -> str:
    """Why one that changes no text of any program is equal."""
    frozen = _line(text, slip).startswith("@dataclass(frozen=True") and slip.before == "True"
    return FROZEN if frozen else ""


def _line(text: str, slip: Mutation) -> str:
    return text.splitlines()[slip.line - 1].strip()
