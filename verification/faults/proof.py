# SPDX-License-Identifier: Apache-2.0
"""Formal proofs that a fault changes nothing: a module is held against its faulty twin.

Both are taken as one top makes them, with its parameters. Yosys makes one circuit of them, whose
output says that theirs differ; what is the same in both by structure, it merges. That the output
stays low, whatever the inputs are, is proven by induction over the cycles (`twins.py`). A module's
memories are made of registers too. Where a module differs by itself, the module around it may still
be the same, then the one around that.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.support import processes, scratch
from hls import tops
from hls.builds import toolchain, tools
from hls.cases import find
from verification.faults.mutate import Mutation
from verification.formal.yosys import GATES
from verification.rtl import build

LIMIT_S = 180
AROUND = 2
"""How many modules around the faulty one are tried."""
MODULE = re.compile(r"^module (\S+)\n(.*?)^end\n", re.MULTILINE | re.DOTALL)
READ = (
    "read_rtlil {folder}.il; hierarchy -top {top}; proc; flatten; rename -top {folder}; "
    "design -stash {folder}; "
)
UNDEFINED = ("-zero", "-one")
"""What is undefined, such as an entry beyond a table's last, is so in both twins, in turn."""


def same_module(
    detector: str, lanes: int, mutation: Mutation, text: str, packed: bool = False
) -> str | None:
    """What is proven the same, in words, for every instance of the module; or None."""
    spec = find(detector).spec
    with scratch.folder("proof") as folder:
        faultless = _elaborate(folder / "gold", spec, lanes, packed, {})
        faulty = _elaborate(
            folder / "gate", spec, lanes, packed, {mutation.file: mutation.apply(text)}
        )
        places = [name for name in faultless if _module(name) == Path(mutation.file).stem]
        if not places or faultless.keys() != faulty.keys():
            return None
        known: dict[tuple[str, str], bool] = {}
        widest = 0
        for place in places:
            for around in range(AROUND + 1):
                top = _around(place, around, faultless)
                key = (_body(faultless, top), _body(faulty, top))
                if key not in known:
                    known[key] = key[0] == key[1] or proven(folder, top)
                if known[key]:
                    widest = max(widest, around)
                    break
            else:
                return None
    within = ", with what is around it" if widest else ""
    return f"the module is proven the same in all of its {len(places)} places{within}"


def _elaborate(
    folder: Path, spec: DetectorSpec, lanes: int, packed: bool, replaced: Mapping[str, str]
) -> dict[str, str]:
    """The RTLIL of every module instance of the top by its name; empty if slang refuses it."""
    made = build.model(spec, lanes, tops.of(spec).slots, packed, False, replaced)
    toolchain.write_files(folder, {**made.files, **made.memories})
    names = sorted((n for n in made.files if n.endswith(".sv")), key=toolchain.PACKAGE.__ne__)
    top = tops.of(spec).whole
    values = {"Lanes": lanes, "Slots": tops.of(spec).slots, **({"Vectors": 2} if packed else {})}
    settings = " ".join(f"-G {name}={value}" for name, value in values.items())
    script = (f"read_slang --threads 1 --top {top} {settings} --keep-hierarchy {' '.join(names)}; "
              f"hierarchy -top {top}; write_rtlil whole.il")  # fmt: skip
    if not _yosys(script, folder):
        return {}
    whole = (folder / "whole.il").read_text(encoding="utf-8")
    (folder.parent / f"{folder.name}.il").write_text(whole, encoding="utf-8")
    return {match.group(1): match.group(2) for match in MODULE.finditer(whole)}


def _module(name: str) -> str:
    """`stream_fifo` of `stream_fifo$units_top.u_fusion.gen_answer[0].u_queue`."""
    return name.removeprefix("\\").split("$")[0]


def _around(place: str, levels: int, modules: Mapping[str, str]) -> str:
    """The instance so many levels around the one of this name, the top at the most."""
    paths = {name.split("$", 1)[-1].removeprefix("\\"): name for name in modules}
    path = place.split("$", 1)[-1].removeprefix("\\")
    for _ in range(levels):
        while "." in path:
            path = path.rsplit(".", 1)[0]
            if path in paths:
                break
    return paths[path]


def _body(modules: Mapping[str, str], top: str) -> str:
    """All that is in an instance, without the places that its parts have in source and design."""
    path = top.split("$", 1)[-1].removeprefix("\\")
    inside = [f"{_module(name)}\n{body}" for name, body in modules.items()
              if name == top or name.split("$", 1)[-1].startswith(f"{path}.")]  # fmt: skip
    text = re.sub(r"^\s*attribute .*\n", "", "".join(inside), flags=re.MULTILINE)
    return re.sub(r"\$\d+", "$", text.replace(f"{path}.", ".").replace(f"${path}", "$"))


def proven(folder: Path, top: str) -> bool:
    """Whether the modules of this name in gold.il and gate.il, in the folder, are the same.

    False also if there is no proof within the time that each part has.
    """
    both = "".join(READ.format(folder=name, top=top) for name in ("gold", "gate"))
    twins = (
        f"{both}design -copy-from gold -as gold gold; design -copy-from gate -as gate gate; "
        "miter -equiv -flatten gold gate twins; hierarchy -top twins; select -module twins; "
        "rename trigger bad_twins; select -clear; "
    )
    command = [sys.executable, "-m", "verification.faults.twins", str(folder / "top")]
    return all(
        _yosys(f"{twins}{GATES.replace('-anyseq', undefined)}", folder) and _runs(command, None)
        for undefined in UNDEFINED
    )


def _yosys(script: str, folder: Path) -> bool:
    """Whether Yosys runs the script to its end."""
    (folder / "run.ys").write_text(script.replace("; ", "\n"), encoding="utf-8")
    return _runs([str(toolchain.wheel_program(toolchain.YOSYS)), "-q", "-s", "run.ys"], folder)


def _runs(command: Sequence[str], folder: Path | None) -> bool:
    """Whether a command ends well within the time."""
    environment = tools.environment() if folder else None
    try:
        done = processes.call(command, folder=folder, environment=environment, limit_s=LIMIT_S)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
