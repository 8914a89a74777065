# SPDX-License-Identifier: Apache-2.0
"""The clock of a core on an ECP5 after place and route by nextpnr.

A core has more ports than a device has pins, so that its inputs come out of one long shift
register and its outputs are folded into another. These registers are the harness's and in no area
count; paths between them and the core count for the clock as any other.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Mapping
from pathlib import Path

from fixedpoint.support import files, scratch
from hls.builds import toolchain, tools
from hls.synthesis.cells import Mapped, last_words, yosys

DEVICE = "LFE5UM5G-85F-8"
FLAGS = ("--um5g-85k", "--speed", "8", "--package", "CABGA756", "--timing-allow-fail")
TARGET_MHZ = 200  # what the tool aims at; it stops to improve what has reached it
CLOCK = "aclk"


def clock_mhz(mapped: Mapped, top: str, seed: int) -> float:
    """The highest clock of a core mapped to ECP5, or what is known of it under build/.

    The seed is the placer's. Raises `ValueError` with the tool's words if it fails.
    """
    version = importlib.metadata.version(toolchain.NEXTPNR)
    known = mapped.netlist.with_name(f"clock-{version}-{TARGET_MHZ}-{seed}.json")
    if not known.is_file():
        files.write_text(known, json.dumps(_route(mapped.netlist, top, seed)))
    return float(json.loads(known.read_text(encoding="utf-8")))


def harness(top: str, ports: Mapping[str, tuple[str, int]]) -> str:
    """Verilog of a module `harness` around a netlist's top with three pins.

    ports: direction and width by name, without the clock.
    """
    connections, places = [f".{CLOCK}({CLOCK})"], {"input": 1, "output": 1}
    for name, (direction, width) in ports.items():
        wire = "given" if direction == "input" else "seen"
        connections.append(f".{name}({wire}[{places[direction]} +: {width}])")
        places[direction] += width
    inputs, outputs = places["input"] - 1, places["output"] - 1
    register = (
        f"TRELLIS_FF #(.GSR(\"DISABLED\")) u_{{}} [{{}}:1] (.CLK({CLOCK}), .CE(1'b1), .LSR(1'b0),"
    )
    return f"""module harness(input {CLOCK}, input source, output sink);
  wire [{inputs}:0] given;
  wire [{outputs}:1] seen, folded;
  wire [{outputs}:0] kept;
  assign given[0] = source;
  assign kept[0] = 1'b0;
  assign sink = kept[{outputs}];
  {register.format("given", inputs)}
    .DI(given[{inputs - 1}:0]), .Q(given[{inputs}:1]));
  LUT4 #(.INIT(16'h6666)) u_folded [{outputs}:1] (.A(seen), .B(kept[{outputs - 1}:0]),
    .C(1'b0), .D(1'b0), .Z(folded));
  {register.format("kept", outputs)}
    .DI(folded), .Q(kept[{outputs}:1]));
  {top} u_core ({", ".join(connections)});
endmodule
"""


def last_clock(log: str) -> float:
    """The clock in MHz that nextpnr names last, after routing; `ValueError` if there is none."""
    found = re.findall(r"Max frequency for clock\s+'[^']*': ([\d.]+) MHz", log)
    if not found:
        raise ValueError(f"nextpnr names no clock: {last_words(log)}")
    return float(found[-1])


def _route(netlist: Path, top: str, seed: int) -> float:
    core = netlist.read_text(encoding="utf-8")
    ports = {
        name: (port["direction"], len(port["bits"]))
        for name, port in json.loads(core)["modules"][top]["ports"].items()
        if name != CLOCK
    }
    with scratch.folder("route") as folder:
        toolchain.write_files(folder, {"core.json": core, "harness.v": harness(top, ports)})
        yosys(
            "read_json core.json; read_verilog harness.v; hierarchy -top harness; flatten; "
            "opt_clean -purge; write_json harness.json",
            folder,
        )
        command = [
            str(toolchain.wheel_program(toolchain.NEXTPNR)), *FLAGS, "--json", "harness.json",
            "--seed", str(seed), "--freq", str(TARGET_MHZ),
        ]  # fmt: skip
        done = tools.run(command, folder)
    log = done.stdout + done.stderr
    if done.returncode != 0:
        raise ValueError(f"nextpnr failed on {top}: {last_words(log)}")
    return last_clock(log)
