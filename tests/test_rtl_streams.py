# SPDX-License-Identifier: Apache-2.0
"""What holds of every top's streams by its netlist: no path between them, legal sizes alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hls import cases, lanes, lint, tops
from hls.builds import toolchain
from hls.project.rtl import design_files
from hls.synthesis import cells as synthesis

SPECS = {"pgd": "stress-soft-8x4-qpsk", "admm": "stress-admm-box-8x4",
         "hpd": "stress-hpd-16x4x2-qpsk-1bit", "fpd": "stress-fpd-16x4x2-qpsk-1bit"}  # fmt: skip
TOPS = [(detector, top) for detector, name in SPECS.items()
        for top in tops.of(cases.find(name).spec).names]  # fmt: skip
LANES = 16
STREAM = re.compile(r"[sm]_axis_(?P<name>\w+)_t\w+")


def netlist(folder: Path, detector: str, top: str) -> Any:
    """The flat design as Yosys has it behind `proc`: registers and logic."""
    spec = cases.find(SPECS[detector]).spec
    texts, sources = design_files(spec, top)
    toolchain.write_files(folder, texts)
    brought = any(part.rows == 1 for part in spec.parts)  # whole beats of numbers
    beat = f"-G HBeatBytes={lanes.beat_bytes(spec, LANES)} " if brought else ""
    script = (
        f"read_slang --threads 1 --top {top} -G Lanes={LANES} "
        f"{beat}{' '.join(sources)}; proc; flatten; memory_dff; opt_clean; write_json netlist.json"
    )
    synthesis.yosys(script, folder)
    return json.loads((folder / "netlist.json").read_text())["modules"][top]


def edges(cell: Mapping[str, Any]) -> Iterator[tuple[list[int], list[int]]]:
    """The inputs that reach outputs of a cell within a cycle."""
    kind, ports = cell["type"], cell["connections"]
    if kind == "$memrd_v2":
        if int(cell["parameters"]["CLK_ENABLE"], 2) == 0:
            yield ports["ADDR"], ports["DATA"]
    elif "dff" not in kind and not kind.startswith("$mem"):
        driven = [port for port, way in cell["port_directions"].items() if way == "output"]
        inputs = [bit for port, bits in ports.items() if port not in driven for bit in bits]
        yield inputs, [bit for port in driven for bit in ports[port]]


def reached(module: Any, start: list[int]) -> set[int]:
    """All bits that these bits reach within a cycle."""
    follows: dict[int, list[list[int]]] = {}
    for cell in module["cells"].values():
        for inputs, outputs in edges(cell):
            for bit in inputs:
                follows.setdefault(bit, []).append(outputs)
    found, front = set(start), list(start)
    while front:
        for outputs in follows.get(front.pop(), []):
            fresh = [bit for bit in outputs if bit not in found]
            found.update(fresh)
            front += fresh
    return found


def crossings(module: Any) -> list[tuple[str, str]]:
    """Inputs of a stream that reach a handshake of another one within a cycle."""
    ports = {name: port for name, port in module["ports"].items() if STREAM.fullmatch(name)}
    streams = {name: re.sub(r"[sm]_axis_(\w+)_t\w+", r"\1", name) for name in ports}
    found = []
    for name, port in ports.items():
        if port["direction"] != "input":
            continue
        bits = reached(module, port["bits"])
        found += [(name, other) for other, out in ports.items()
                  if out["direction"] == "output" and other.endswith(("_tready", "_tvalid"))
                  and streams[other] != streams[name] and bits & set(out["bits"])]  # fmt: skip
    return found


@pytest.mark.parametrize(("detector", "top"), TOPS)
def test_no_stream_reaches_the_handshake_of_another_within_a_cycle(
    detector: str, top: str, tmp_path: Path
) -> None:
    module = netlist(tmp_path, detector, top)
    ready = set(module["ports"]["s_axis_y_tready"]["bits"])
    assert ready <= reached(module, module["ports"]["aresetn"]["bits"]), "TREADY is low in reset"
    assert crossings(module) == []


def test_a_path_between_handshakes_is_found(tmp_path: Path) -> None:
    text = (
        "module t (input logic aclk, s_axis_a_tvalid, s_axis_b_tvalid,\n"
        "  output logic s_axis_a_tready, s_axis_b_tready);\n"
        "  logic [1:0] memory[2]; logic q;\n"
        "  always_ff @(posedge aclk) begin memory[q] <= {2{s_axis_b_tvalid}};"
        " q <= s_axis_b_tvalid; end\n"
        "  assign s_axis_a_tready = q; assign s_axis_b_tready = memory[s_axis_a_tvalid][0];\n"
        "endmodule\n"
    )
    (tmp_path / "t.sv").write_text(text)
    synthesis.yosys(
        "read_slang --threads 1 --top t t.sv; proc; flatten; memory_dff; write_json n.json",
        tmp_path,
    )
    module = json.loads((tmp_path / "n.json").read_text())["modules"]["t"]
    assert crossings(module) == [("s_axis_a_tvalid", "s_axis_b_tready")]


@pytest.mark.parametrize(("detector", "top"), TOPS)
@pytest.mark.parametrize("parameter", ["Lanes=0", "Slots=0", "HBeatBytes=0", "CountWidth=0",
                                       "BlockWidth=0", "BlockWidth=3"])  # fmt: skip
def test_sizes_of_nothing_end_in_a_sentence(
    detector: str, top: str, parameter: str, tmp_path: Path
) -> None:
    design = lint.Design(cases.find(SPECS[detector]).spec, top, LANES)
    files, sources = design_files(design.spec, top)
    toolchain.write_files(tmp_path, files)
    name, value = parameter.split("=")
    said = lint.verilator(tmp_path, design, sources, {"Lanes": LANES, name: int(value)})
    assert re.search(rf"{top}: Lanes.* must be at least 1, BlockWidth 4", said), said[:500]
    assert "Internal Error" not in said


def test_no_vectors_a_slot_end_in_a_sentence_in_both_tools(tmp_path: Path) -> None:
    design = lint.Design(cases.find(SPECS["pgd"]).spec, "passes_top", LANES)
    files, sources = design_files(design.spec, design.top)
    toolchain.write_files(tmp_path, files)
    for tool in (lint.verilator, lint.yosys):
        said = tool(tmp_path, design, sources, {"Lanes": LANES, "Vectors": 0})
        assert "Lanes, Vectors, Slots, HBeatBytes, CountWidth must be at least 1" in said
