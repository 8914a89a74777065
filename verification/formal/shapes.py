# SPDX-License-Identifier: Apache-2.0
"""The parameters with which modules stand in the tops of all shipped and stress specs.

Yosys elaborates each top with a probe in each module of interest, an empty cell with the module's
own parameters: what is found is what is built, whatever path the parameters took to the module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fixedpoint.specs.detector import DetectorSpec
from hls import cases, tops
from hls import lanes as sizes
from hls.project import rtl as emit_rtl
from hls.project.rtl import design_files
from verification.formal import yosys

Shape = tuple[tuple[str, int], ...]
"""Parameters by name, sorted."""
MODULES = (
    "adder_tree",
    "beat_clamp",
    "box",
    "fold",
    "grid_distance",
    "logic_product",
    "mac_array",
    "product",
    "requantize",
    "requantize_stages",
    "slicer",
    "soft_threshold",
)


def designs() -> Iterator[tuple[DetectorSpec, str, int, bool]]:
    """The widest top of each shipped and stress spec at its fewest lanes, one and two vectors."""
    for case in cases.all_cases():
        if emit_rtl.has_rtl(case.spec):
            for packed in (False, True):
                for lanes in sizes.fitting_lanes(case.spec, packed)[:1]:
                    yield case.spec, tops.of(case.spec).whole, lanes, packed


def found(spec: DetectorSpec, top: str, lanes: int, packed: bool) -> set[tuple[str, Shape]]:
    """Each module of `MODULES` in one design, with its parameters."""
    files, sources = design_files(spec, top)
    used = [name for name in MODULES if f"{name}.sv" in files]
    names = {name: _probe(files, name) for name in used}
    files["probes.sv"] = "".join(_box(name, names[name]) for name in used)
    values = " ".join(f"-G {k}={v}" for k, v in sizes.parameters(spec, lanes, packed).items())
    boxes = " ".join(f"--blackboxed-module probe_{name}" for name in used)
    script = (
        f"read_slang --threads 1 --keep-hierarchy {boxes} {values} --top {top} "
        f"{' '.join(sources)} probes.sv; "
        "select t:probe_*; write_json -selected -compat-int design.json"
    )
    (design,) = yosys.run(files, script, ["design.json"])
    cells: Iterable[dict[str, Any]] = (
        cell
        for module in json.loads(design)["modules"].values()
        for cell in module["cells"].values()
    )
    return {
        (cell["type"].removeprefix("probe_"), _shape(cell["parameters"]))
        for cell in cells
        if cell["type"].startswith("probe_")
    }


def sorted_out(parts: Iterable[set[tuple[str, Shape]]]) -> Mapping[str, Sequence[Shape]]:
    """Of each module of `MODULES` all shapes. Raises `ValueError` if one is nowhere."""
    every = sorted(set[tuple[str, Shape]]().union(*parts))
    shapes = {name: [shape for module, shape in every if module == name] for name in MODULES}
    lost = [name for name in MODULES if not shapes[name]]
    if lost:
        raise ValueError(f"no top holds {', '.join(lost)}: expected every module of {__name__}")
    return shapes


def _probe(files: dict[str, str], name: str) -> list[str]:
    """Put a probe into a module's text: the names of the module's parameters."""
    text = files[f"{name}.sv"]
    head = re.search(rf"^module {name} #\((.*?)^\)", text, re.DOTALL | re.MULTILINE)
    if head is None or text.count("\nendmodule") != 1:
        raise ValueError(f"{name}.sv: a single module with parameters was expected")
    names = re.findall(r"^  parameter [^=]*?(\w+) *=", head[0], re.MULTILINE)
    connections = ", ".join(f".{p}({p})" for p in names)
    cell = f"\n  probe_{name} #({connections}) u_probe ();\nendmodule"
    files[f"{name}.sv"] = text.replace("\nendmodule", cell)
    return names


def _box(name: str, parameters: Sequence[str]) -> str:
    declared = ", ".join(f"parameter {parameter} = 0" for parameter in parameters)
    return f"module probe_{name} #({declared}); endmodule\n"


def _shape(parameters: Mapping[str, int | str]) -> Shape:
    """Numbers of 32 bits have a sign, wider vectors of bits (thresholds) none."""
    return tuple(sorted((name, _number(value)) for name, value in parameters.items()))


def _number(value: int | str) -> int:
    if isinstance(value, int):
        return value
    number = int(value, 2)
    return number - (1 << 32) if len(value) == 32 and value[0] == "1" else number
