# SPDX-License-Identifier: Apache-2.0
"""Area of a core as Yosys maps it: LUTs, registers, multipliers, block RAMs.

Estimates of an open tool: a vendor's own maps differently. The trace ports, which are for
simulation, are left open, and so cost nothing.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support import files, scratch
from hls import lanes as sizes
from hls.builds import cache, compiler, toolchain, tools
from hls.project import rtl as emit_rtl

LOGIC, MEMORY, FF, DSP, RAM = "lut_logic", "lut_memory", "ff", "dsp", "block_ram"
Costs = Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class Area:
    """LUTs as logic, LUTs as memory or shift register, registers, multipliers, block RAMs."""

    lut_logic: int
    lut_memory: int
    ff: int
    dsp: int
    block_ram: int


@dataclass(frozen=True)
class Target:
    """A family of devices: how Yosys is told to map to it, and what each of its cells takes.

    multiplier, memory: what a DSP and a block RAM are; free: cells that come with the others.
    """

    name: str
    script: str
    multiplier: str
    memory: str
    costs: Costs
    free: frozenset[str]

    def area(self, cells: Mapping[str, int]) -> Area:
        """The sum over the cells by their types. Raises `ValueError` for an unknown one."""
        total = dict.fromkeys((LOGIC, MEMORY, FF, DSP, RAM), 0)
        for cell, count in cells.items():
            if cell in self.costs:
                kind, cost = self.costs[cell]
                total[kind] += cost * count
            elif cell not in self.free:
                raise ValueError(f"{self.name}: cell {cell} is not known to the area table")
        return Area(**total)


XILINX = Target(
    name="Xilinx 7",
    script="synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -top {top}",
    multiplier="DSP48E1",
    memory="RAMB18",
    costs={
        **{f"LUT{inputs}": (LOGIC, 1) for inputs in range(1, 7)},
        "INV": (LOGIC, 1),
        "RAM32X1D": (MEMORY, 2), "RAM64X1D": (MEMORY, 2), "RAM128X1D": (MEMORY, 4),
        "RAM32M": (MEMORY, 4), "RAM64M": (MEMORY, 4),
        "SRL16E": (MEMORY, 1), "SRLC16E": (MEMORY, 1), "SRLC32E": (MEMORY, 1),
        "FDRE": (FF, 1), "FDSE": (FF, 1), "FDCE": (FF, 1), "FDPE": (FF, 1),
        "DSP48E1": (DSP, 1), "RAMB18E1": (RAM, 1), "RAMB36E1": (RAM, 2),
    },
    free=frozenset(("CARRY4", "MUXF7", "MUXF8", "VCC", "GND")),
)  # fmt: skip

# A carry cell is two LUTs; a distributed RAM of 16 x 4 bits takes four, and two more to write it.
ECP5 = Target(
    name="ECP5",
    script="synth_ecp5 -top {top}",
    multiplier="MULT18X18D",
    memory="DP16KD",
    costs={
        "LUT4": (LOGIC, 1), "CCU2C": (LOGIC, 2), "TRELLIS_DPR16X4": (MEMORY, 6),
        "TRELLIS_FF": (FF, 1), "MULT18X18D": (DSP, 1), "DP16KD": (RAM, 1),
    },
    free=frozenset(("PFUMX", "L6MUX21")),
)  # fmt: skip
TARGETS = {"xilinx7": XILINX, "ecp5": ECP5}


@dataclass(frozen=True)
class Mapped:
    """A core after synthesis: its area, and its netlist as Yosys writes it."""

    area: Area
    netlist: Path


def synthesize(
    spec: DetectorSpec, top: str, lanes: int, packed: bool, target: Target, slots: int | None = None
) -> Mapped:
    """Map one top of a detector to a family of devices, or find it mapped already in the cache.

    packed: two vectors share the multipliers; slots: by default the top's own.

    Raises `ValueError` if the lanes do not fit the spec, and with Yosys' words if it fails.
    """
    sizes.check(spec, lanes, packed)
    parameters = sizes.parameters(spec, lanes, packed)
    if slots is not None:
        parameters |= {"Slots": slots}
    return map_files(*emit_rtl.design_files(spec, top), top, target, parameters)


def map_files(
    texts: Mapping[str, str],
    sources: Sequence[str],
    top: str,
    target: Target,
    parameters: Mapping[str, int],
) -> Mapped:
    """`synthesize` on SystemVerilog and `.mem` files by their names."""
    values = " ".join(f"-G {name}={value}" for name, value in parameters.items())
    script = (
        f"read_slang --threads 1 --top {top} {values} {' '.join(sources)}; "
        f"delete -output {top}/o:trace_*; {target.script.format(top=top)}; "
        "tee -q -o stat.json stat -json; write_json netlist.json"
    )
    folder = compiler.cache_folder() / "area" / f"{top}-{_digest(texts, script)}"
    netlist_file, cells = folder / "netlist.json", folder / "area.json"
    if not (cache.whole(netlist_file) and cache.whole(cells)):
        with scratch.folder("area") as made:
            toolchain.write_files(made, texts)
            yosys(script, made)
            netlist = (made / "netlist.json").read_text(encoding="utf-8")
            design = json.loads((made / "stat.json").read_text(encoding="utf-8"))
        files.write_text(netlist_file, netlist)
        cache.seal(netlist_file)
        counted = target.area(design["design"]["num_cells_by_type"])
        files.write_text(cells, json.dumps(asdict(counted)))
        cache.seal(cells)
    area = Area(**json.loads(cells.read_text(encoding="utf-8")))
    return Mapped(area, netlist_file)


def yosys(script: str, folder: Path) -> None:
    """Run a script in `folder`. Raises `ValueError` with its last words if it fails."""
    command = [str(toolchain.wheel_program(toolchain.YOSYS)), "-q", "-p", script]
    done = tools.run(command, folder)
    if done.returncode != 0:
        raise ValueError(f"Yosys failed: {last_words(done.stdout + done.stderr)}")


def last_words(said: str) -> str:
    """The last line that a tool has printed."""
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"


def _digest(texts: Mapping[str, str], script: str) -> str:
    version = importlib.metadata.version(toolchain.YOSYS)
    content = json.dumps([sorted(texts.items()), script, version])
    return hashlib.sha256(content.encode()).hexdigest()[:16]
