# SPDX-License-Identifier: Apache-2.0
"""A Vitis HLS project for the emitted firmware: for `vitis_hls` and for the newer `v++`.

No Vitis was at hand: both files are written from AMD's documentation and were never run here.
"""

from __future__ import annotations

from fixedpoint.detectors.library import DetectorSpec
from hls.cpp.tops import top_name
from hls.project.cpp import bench_files

PART = "xczu7ev-ffvc1156-2-e"
CLOCK_NS = 4
FLAGS = "-std=c++17 -DBITFOLD_AP_INT"
NOT_RUN = "NOT RUN by bitfold: no Vitis was at hand. Part and clock are examples."


def project_files(spec: DetectorSpec) -> dict[str, str]:
    """`run_hls.tcl` and `hls_config.cfg`."""
    return {"run_hls.tcl": tcl(spec), "hls_config.cfg": config(spec)}


def vector_name(spec: DetectorSpec) -> str:
    """The golden vector file that the project's C simulation reads."""
    return f"{spec.detector}{spec.depth}.vec"


def tcl(spec: DetectorSpec) -> str:
    """The script for `vitis_hls -f run_hls.tcl`, run from the emitted folder.

    Its top is the whole detector; `set_top NAME_unit` synthesizes one distributed unit.
    """
    lines = [
        f"# Generated from spec {spec.digest}. Do not edit.",
        f"# {NOT_RUN}",
        "# vitis_hls -f run_hls.tcl",
        "set here [file normalize [file dirname [info script]]]",
        f'set flags "{FLAGS} -I$here/firmware"',
        f"open_project -reset {top_name(spec)}_hls",
        f"set_top {top_name(spec)}",
        f'add_files $here/firmware/{top_name(spec)}.cpp -cflags "$flags"',
        *(f'add_files -tb $here/{name} -cflags "$flags -I$here/tb"' for name in bench_files(spec)),
        f"add_files -tb $here/tb_data/{vector_name(spec)}",
        "open_solution -reset solution -flow_target vivado",
        f"set_part {PART}",
        f"create_clock -period {CLOCK_NS}",
        f"csim_design -argv $here/tb_data/{vector_name(spec)}",
        "csynth_design",
        f"cosim_design -argv $here/tb_data/{vector_name(spec)}",
        "export_design -format ip_catalog",
        "exit",
        "",
    ]
    return "\n".join(lines)


def config(spec: DetectorSpec) -> str:
    """The config of `v++ -c --mode hls` and `vitis-run --mode hls`, run from the emitted folder."""
    lines = [
        f"# Generated from spec {spec.digest}. Do not edit.",
        f"# {NOT_RUN}",
        "# v++ -c --mode hls --config hls_config.cfg --work_dir vitis",
        "# vitis-run --mode hls --csim --config hls_config.cfg --work_dir vitis",
        f"part={PART}",
        "",
        "[hls]",
        "flow_target=vivado",
        f"clock={CLOCK_NS}ns",
        f"syn.top={top_name(spec)}",
        f"syn.file=firmware/{top_name(spec)}.cpp",
        f"syn.cflags={FLAGS} -Ifirmware",
        *(f"tb.file={name}" for name in bench_files(spec)),
        f"tb.file=tb_data/{vector_name(spec)}",
        f"tb.cflags={FLAGS} -Ifirmware -Itb",
        f"csim.argv={vector_name(spec)}",
        f"cosim.argv={vector_name(spec)}",
        "package.output.format=ip_catalog",
        "",
    ]
    return "\n".join(lines)
