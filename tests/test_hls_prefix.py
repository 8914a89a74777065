# SPDX-License-Identifier: Apache-2.0
"""Names of an emission: two of them in one design and in one program, each with its integers."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.stress import admm as admm_stress
from fixedpoint.stress import pgd as stress
from hls import emit, lanes, lint, tops
from hls.builds import compiler, toolchain
from hls.project import cpp as emit_cpp
from hls.project import prefix
from hls.project import rtl as emit_rtl
from tests.conftest import stress_inputs
from tests.rtl import assert_equal
from verification.rtl import build, runs
from verification.rtl.model import Rtl

SOFT = stress.spec("soft", 8, 4, layers=2)
BOX = stress.spec("box", 8, 4, layers=3)
ADMM = admm_stress.spec("soft", 8, 4, layers=2)
LANES = 4
SLOTS = 4


def both(spec: DetectorSpec, other: DetectorSpec) -> tuple[dict[str, str], list[str]]:
    """A design `both` with the ports of one's top; the texts by file name, the sources in order.

    The other's top hears what is common of the inputs, and one of its outputs stays visible.
    """
    texts = emit_rtl.design_folder(spec, "one") | emit_rtl.design_folder(other, "two")
    listed = "".join(texts.pop(f"{name}.f") for name in ("one", "two"))
    sources = [line for line in listed.splitlines() if not line.startswith("//")]
    both = (f"one_{tops.of(spec).whole}", f"two_{tops.of(other).whole}")
    head, other_head = (re.search(r"module .*?\n\);\n", texts[f"{top}.sv"], re.DOTALL)[0]
                        for top in both)  # fmt: skip
    inputs, others = (set(re.findall(r"input .*?(\w+)[,\n]", text)) for text in (head, other_head))
    sizes = ", ".join(f".{name}({name})" for name in ("Lanes", "Slots", "HBeatBytes"))
    # TUSER has another width in every detector.
    common = ", ".join(f".{port}('0)" if port.endswith("_tuser") else f".{port}"
                       for port in sorted(inputs & others))  # fmt: skip
    texts["both.sv"] = f"""`default_nettype none
{head.replace(f"module {both[0]}", "module both")}
  logic other /*verilator public_flat_rd*/;
  {both[0]} #({sizes}) u_one (.*);
  {both[1]} #({sizes}) u_two ({common}, .m_axis_x_tlast(other));
endmodule
`default_nettype wire
"""
    return texts, [*sources, "both.sv"]


@pytest.mark.parametrize(
    ("spec", "other"), [(SOFT, BOX), (BOX, SOFT), (ADMM, SOFT)], ids=lambda spec: spec.name
)
def test_two_emissions_in_one_model_each_give_their_golden_integers(
    spec: DetectorSpec, other: DetectorSpec
) -> None:
    model = build.model(spec, LANES, SLOTS, False, False, {})
    driver = {n: text for n, text in model.files.items() if not n.endswith(".sv")}
    texts, _ = both(spec, other)
    flags = ["both" if flag == tops.of(spec).whole else flag for flag in model.flags]
    made = dataclasses.replace(
        model,
        files=driver | {n: text for n, text in texts.items() if n.endswith(".sv")},
        memories={n: text for n, text in texts.items() if n.endswith(".mem")},
        flags=(*flags, "--prefix", f"V{tops.of(spec).whole}", "-Wno-PINMISSING"),
    )
    library = build.build(made, f"rtl-both-{spec.name}")
    rtl = Rtl.load(spec, LANES, SLOTS, False, *library)
    assert_equal(rtl, stress_inputs(spec, 0, 10, 4), stalls=True)


@pytest.mark.parametrize("other", [BOX, ADMM], ids=lambda spec: spec.name)
def test_two_emissions_are_one_design_of_yosys(tmp_path: Path, other: DetectorSpec) -> None:
    texts, sources = both(SOFT, other)
    toolchain.write_files(tmp_path, texts)
    parameters = lanes.parameters(SOFT, LANES)
    # Ports that are open by intention give warnings.
    script = (
        f"read_slang --threads 1 --top both {lint.parameter_flags(parameters)} "
        f"{' '.join(sources)}; hierarchy -check -top both; proc"
    )
    command = [str(toolchain.wheel_program(toolchain.YOSYS)), "-q", "-p", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_other_prefixes_two_emissions_clash(tmp_path: Path) -> None:
    texts, _ = both(SOFT, BOX)
    folder = {
        name.removeprefix("two_"): text.replace("two_", "one_")
        for name, text in texts.items()
        if name.startswith("two_") and name.endswith(".sv")
    }
    toolchain.write_files(tmp_path, texts | folder)
    sources = sorted(folder, key=lambda name: not name.endswith("_pkg.sv"))
    ones = [name for name in texts if name.startswith("one_") and name.endswith(".sv")]
    arguments = ["--lint-only", "--top-module", "one_passes_top", *sources, *sorted(ones)]
    assert toolchain.verilator(arguments, tmp_path).returncode != 0


@pytest.mark.parametrize("name", ["pgd", "admm-box", "hpd-4qam-1bit", "fpd-4qam-1bit"])
def test_the_whole_of_an_emission_is_lint_clean(tmp_path: Path, name: str) -> None:
    spec = specs.load(name)
    texts = emit_rtl.design_folder(spec, "my_core")
    toolchain.write_files(tmp_path, texts)
    top = f"my_core_{tops.of(spec).whole}"
    arguments = ["--lint-only", "-Wall", "--top-module", top, "-F", "my_core.f"]
    done = toolchain.verilator([*arguments, "-Wno-MULTITOP"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(file.startswith("my_core") for file in texts)


def test_only_names_of_modules_packages_and_files_get_the_prefix() -> None:
    text = """// box of box_pkg, "t.mem"
module box import box_pkg::*; #(parameter string File = "t.mem") (input wire logic delay_i);
  /* delay #( */ localparam int W = box_pkg::W + other::W;
  logic delay, product; string s = "box #(";
  assign product = delay ? 1'b0 : delay_i;
  delay #(.Depth(1)) u_delay (.delay(delay), .q(product));
  box u_box (.File("t.mem"));
  box u_boxes [3:0] (.clk);
endmodule
"""
    found = prefix.systemverilog(text, "p", ("box", "delay", "product"), ("box_pkg",), ("t.mem",))
    assert (
        found
        == """// box of box_pkg, "t.mem"
module p_box import p_box_pkg::*; #(parameter string File = "p_t.mem") (input wire logic delay_i);
  /* delay #( */ localparam int W = p_box_pkg::W + other::W;
  logic delay, product; string s = "box #(";
  assign product = delay ? 1'b0 : delay_i;
  p_delay #(.Depth(1)) u_delay (.delay(delay), .q(product));
  p_box u_box (.File("p_t.mem"));
  p_box u_boxes [3:0] (.clk);
endmodule
"""
    )


def test_only_the_namespace_of_cpp_gets_the_prefix() -> None:
    text = '#include "bitfold/a.hpp"\nnamespace bitfold::top { int bitfold; } // bitfold::x\n'
    expected = text.replace("namespace bitfold", "namespace p_bitfold")
    assert prefix.cpp(text, "p") == expected
    assert prefix.cpp('bitfold::a(bitfold_run, "bitfold::")', "p") == (
        'p_bitfold::a(bitfold_run, "bitfold::")'
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [("pgd", "pgd"), ("fpd-16qam-2bit", "fpd_16qam_2bit"), ("4x4", "spec_4x4"),
     ("a--b.c_", "a_b_c"), ("a" * 100, "a" * 64)],
)  # fmt: skip
def test_the_default_prefix_is_made_of_the_name(name: str, expected: str) -> None:
    assert prefix.check(prefix.default(SOFT.replace(name=name))) == expected


@pytest.mark.parametrize(
    "name", ["", "1a", "a-b", "a b", "a/b", "_a", "a_", "a__b", "ä", "a\n", "a;b", "../a", "a" * 65]
)
def test_a_prefix_that_is_no_identifier_is_one_line_and_writes_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert emit.main(["--spec", "pgd", "--out", str(tmp_path / "out"), f"--prefix={name}"]) == 2
    said = capsys.readouterr()
    assert "an identifier was expected" in said.err
    assert (said.err.count("\n"), said.out) == (1, "")
    assert not list(tmp_path.iterdir())


def test_emit_says_its_prefix_and_gives_it_to_every_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert emit.main(["--spec", "pgd-box", "--out", str(tmp_path / "out"), "--prefix", "rx1"]) == 0
    assert "prefix rx1" in capsys.readouterr().out
    assert all(path.name.startswith("rx1") for path in (tmp_path / "out/rtl").iterdir())
    assert "namespace rx1_bitfold {" in (tmp_path / "out/firmware/bitfold_spec.hpp").read_text()


def test_the_list_of_sources_names_lanes_and_beats() -> None:
    spec = stress.spec("soft", 12, 10)
    head = emit_rtl.design_folder(spec, "odd")["odd.f"].splitlines()[:6]
    assert head[1:] == [
        "// tops: odd_passes_top",
        "// Lanes (HBeatBytes): 10 (5), 20 (5), 120 (8)",
        "// Lanes (HBeatBytes) with Vectors = 2: 20 (5), 40 (5), 240 (8)",
        "// by default: Lanes 30, HBeatBytes 6, Slots 8",
        "// any other multiple of 10 Lanes leaves some without work",
    ]


def test_the_list_of_sources_names_the_core_that_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--spec", "pgd", "--prefix", "rx", "--lanes", "130", "--slots", "9", "--packed"]
    assert emit.main([*words, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "128 lanes, 9 slots, two vectors at a time\n" in said
    assert "lanes 130: 128 are built" in said
    listed = (tmp_path / "out/rtl/rx.f").read_text().splitlines()
    assert "// as chosen: Lanes 128, HBeatBytes 8, Vectors 2, Slots 9" in listed
    assert emit.main([*words, "--slots", "65", "--out", str(tmp_path / "other")]) == 2
    assert capsys.readouterr().err.strip().endswith("slots 65 is outside 1 to 64")
    assert not (tmp_path / "other").exists()


CALL = """
static void run_{name}() {{
  namespace top = {name}_bitfold;
  hls::stream<top::Row> rows;
  hls::stream<top::Received> received;
  hls::stream<top::Detected> detected;
  for (auto& entries : h) {{
    top::Row row{{}};
    for (int j = 0; j < 4; ++j) row.entry[j] = entries[j];
    rows.write(row);
  }}
  for (int v = 0; v < 6; ++v) {{
    top::Received one{{}};
    for (int i = 0; i < 8; ++i) one.y[i] = y[v][i];
    one.index = index_of[v];
    one.last = v == 5;
    received.write(one);
  }}
  pgd(rows, received, detected);
  for (int v = 0; v < 6; ++v) {{
    const auto one = detected.read();
    for (const auto& q : one.state) std::printf("%d ", static_cast<int>(q));
  }}
  std::printf("%s\\n", {name}_bitfold::Spec::digest);
}}
"""


def test_two_specs_in_one_program_each_give_their_golden_integers(tmp_path: Path) -> None:
    inputs = stress_inputs(SOFT, 3, 1, 6)
    names = {"one": SOFT, "two": BOX}
    for name, spec in names.items():
        texts = {path: prefix.cpp(t, name) for path, t in emit_cpp.firmware_files(spec).items()}
        for path, text in texts.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
    (tmp_path / "main.cpp").write_text("\n".join([
        "#include <cstdio>",
        *(f'#include "{name}/firmware/pgd.hpp"' for name in names),
        f"static const int h[8][4] = {_braces(inputs.h[0])};",
        f"static const int y[6][8] = {_braces(inputs.y[0])};",
        f"static const int index_of[6] = {_braces(inputs.index[0])};",
        *(CALL.format(name=name) for name in names),
        "int main() { run_one(); run_two(); }",
    ]))  # fmt: skip
    sources = ["main.cpp", *(f"{name}/firmware/pgd.cpp" for name in names)]
    command = [*compiler.find_compiler(), "-std=c++17", *compiler.WARNINGS, *sources, "-o", "main"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True).stdout
    for line, spec in zip(said.splitlines(), names.values(), strict=True):
        *state, digest = line.split()
        expected = runs.golden(spec, inputs).wires[f"pgd{spec.depth}.state"]
        assert digest == spec.digest
        np.testing.assert_array_equal(np.array(state, int), expected.reshape(-1))


def _braces(q: np.ndarray) -> str:
    return str(q.tolist()).replace("[", "{").replace("]", "}")
