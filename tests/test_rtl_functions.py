# SPDX-License-Identifier: Apache-2.0
"""The RTL view: emitted functions against the golden model, primitives by themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from fixedpoint.program import values
from fixedpoint.support import scratch
from hls import cases
from hls.builds import toolchain, tools
from hls.project import rtl as emit_rtl
from hls.verilog import latency
from hls.verilog.emit import emitted
from hls.verilog.instances import Instance
from hls.verilog.pipeline import MULTIPLIER, PACKED
from hls.verilog.text import call, module
from tests import fuzz_rtl, odd_programs
from tests.fuzz_programs import Generator
from tests.limit_specs import few_layers
from tests.test_own import NAMES, made
from verification import functions, functions_top


def test_every_function_of_every_spec_is_the_golden_models() -> None:
    made = {case.spec.name: program(case.spec) for case in cases.all_cases()
            if emit_rtl.has_rtl(case.spec)}  # fmt: skip
    made |= {f"{s.detector}-of-{s.depth}": program(s) for s in few_layers()}
    made |= {"codes": odd_programs.sent_codes(), "twice": odd_programs.used_twice(),
             "points": odd_programs.two_points()}  # fmt: skip
    assert len(made) >= 47
    differ = functions.compare(made, 1000, seed=0)
    assert not any(differ.values()), functions.report(differ, 1000)
    wires = {(name, wire) for name, each in made.items() for wire in each.layer.wires}
    assert wires <= {(key.split()[0], key.rpartition(".")[2]) for key in differ}


def test_eight_random_programs_are_the_golden_models() -> None:
    compared, wrong = fuzz_rtl.differing(range(8), 400)
    assert compared > 80_000
    assert wrong == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "operations"),
    [("aligned_sum.sv", "-(terms[i]", "(terms[i]", 24),
     ("quotient.sv", "<<< Left) + half)", "<<< Left) - half)", 24),
     ("choose.sv", "== Equals", "!= Equals", 24)],
)  # fmt: skip
def test_a_fault_of_a_primitive_is_found(
    monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, operations: int
) -> None:
    faultless = functions_top.primitives

    def faulty(texts: Any) -> dict[str, str]:
        found = faultless(texts)
        assert old in found[file]
        return found | {file: found[file].replace(old, new)}

    monkeypatch.setattr(functions_top, "primitives", faulty)
    differ = functions.compare({str(n): Generator(n, operations).program() for n in (2, 6)}, 200, 0)
    assert any(differ.values())


def test_a_stage_too_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table says 1 cycle where the primitive takes 2: operands of two vectors meet."""
    made = {"pgd": program(specs.load("pgd"))}
    assert not any(functions.compare(made, 200, 0).values())
    monkeypatch.setitem(latency.CYCLES, "product", lambda p: 1)  # type: ignore[arg-type]
    emitted.cache_clear()
    try:
        assert any(functions.compare(made, 200, 0).values())
    finally:
        emitted.cache_clear()


def instances() -> tuple[dict[str, str], list[Instance]]:
    """Files of some programs, and every different primitive in them with its parameters."""
    made = [program(specs.load(name)) for name in ("pgd", "admm-box", "fpd-4qam-1bit")]
    views = [emitted(each, f"p{i}_") for i, each in enumerate([
        *made, *(Generator(seed, 24).program() for seed in (3, 5, 10, 23)),
    ])]  # fmt: skip
    found = {}
    for view in views:
        for array in view.arrays.values():
            for each in array.pipeline.schedule.instances.values():
                if each.module:
                    found[each.module, str(each.parameters)] = each
    return {name: text for view in views for name, text in view.files().items()}, [*found.values()]


def test_the_table_of_latencies_is_what_the_primitives_take() -> None:
    """A step of all operands at once moves an output in one cycle alone: the table's."""
    files, made = instances()
    stored = {name for name, *_ in memories()}
    assert {each.module for each in made} | stored == set(latency.CYCLES)
    rng, ports_in, first = np.random.default_rng(0), 0, 0
    places, body = [], []
    for number, each in enumerate(made):
        ports = [] if each.module in latency.CLOCKLESS else [("clk_i", "")]
        for port in each.inputs:
            bits = port.width * len(port.values)
            ports.append((port.name, f"in_i[{ports_in} +: {bits}]"))
            ports_in += bits
        ports.append((each.output, f"out_o[{first} +: {each.width}]"))
        places.append((first, each.width, latency.cycles(each.module, each.parameters)))
        first += each.width
        body += call(each.module, f"u_{number}", each.parameters, ports)
    for name, memory, ports_of, cycles in memories():
        inputs = [(port, f"in_i[{ports_in + at} +: {bits}]") for port, bits, at in ports_of]
        ports_in += sum(bits for _, bits, _ in ports_of)
        output = ("entry_o" if name.endswith("_table") else "data_o" if name == "constant_rom"
                  else "constant_o", f"out_o[{first} +: 4]")  # fmt: skip
        still = STILL if name.startswith("loaded_") else []
        body += call(name, f"u_{name}", memory, [("clk_i", ""), *still, *inputs, output])
        places.append((first, 4, cycles))
        first += 4
    steps, apart = 40, 12
    given = np.repeat(rng.integers(0, 2, (steps, ports_in), np.uint8), apart, axis=0)
    ports = ["input  wire logic clk_i", f"input  wire logic [{ports_in - 1}:0] in_i",
             f"output logic [{first - 1}:0] out_o"]  # fmt: skip
    text = module(["All primitives."], functions_top.TOP, (PACKED,), ports,
                  [f"  {MULTIPLIER};", *body])  # fmt: skip
    files |= {"few.mem": "".join(f"{q:x}\n" for q in rng.permutation(32) % 16)}
    shown = functions_top.simulate(files, text, given, [ports_in, first])
    for offset, bits, cycles in places:
        part = shown[:, offset : offset + bits].astype(int)
        moved = np.flatnonzero((np.diff(part, axis=0) != 0).any(axis=1)) + 1
        assert set(moved[moved >= apart] % apart) == {cycles}, (offset, cycles)


def memories() -> list[tuple[str, dict[str, object], list[tuple[str, int, int]], int]]:
    """The memories of constants, over one file of 32 entries; fields of their addresses."""
    size = {"Width": 4, "File": "few.mem"}
    return [
        ("constant_rom", {**size, "Depth": 32}, [("address_i", 5, 0)],
         latency.cycles("constant_rom", {})),
        ("bank_rom", {**size, "Layers": 4, "Entries": 8, "IndexWidth": 3},
         [("layer_i", 2, 0), ("index_i", 3, 2)], latency.cycles("bank_rom", {})),
        ("layer_table", {**size, "Layers": 4, "AddressWidth": 3},
         [("layer_i", 2, 0), ("address_i", 3, 2)], latency.cycles("layer_table", {})),
        ("loaded_constant", {**size, "Layers": 32},
         [("layer_i", 5, 0)], latency.cycles("loaded_constant", {})),
        ("loaded_table", {**size, "Layers": 4, "AddressWidth": 3},
         [("layer_i", 2, 0), ("address_i", 3, 2)], latency.cycles("loaded_table", {})),
    ]  # fmt: skip


STILL = [("write_i", "1'b0"), ("write_bank_i", "2'b00"), ("write_layer_i", "'0"),
         ("write_item_i", "'0"), ("write_data_i", "'0"), ("bank_i", "2'b00")]  # fmt: skip
"""Nothing is loaded: what the file holds is read."""


@pytest.mark.parametrize("name", ["pgd", "admm-box", "hpd-16qam-2bit", "fpd-16qam-2bit", 2, 6, 13])
def test_emitted_text_is_clean(name: str | int) -> None:
    made = program(specs.load(name)) if isinstance(name, str) else Generator(name, 24).program()
    view = emitted(made)
    texts = view.files()
    texts |= functions_top.primitives(t for n, t in texts.items() if n.endswith(".sv"))
    sources = sorted(n for n in texts if n.endswith(".sv"))
    with scratch.folder("lint") as folder:
        toolchain.write_files(folder, texts)
        for array in view.arrays.values():
            assert lint(folder, array.name, sources) == ""


def lint(folder: Path, top: str, sources: list[str]) -> str:
    """What Verilator and Yosys say of a function for two rows or columns."""
    flags = ["--lint-only", "-Wall", "--quiet", "--top-module", top, "-GCount=2"]
    done = toolchain.verilator([*flags, *sources], folder)
    if done.returncode:
        return done.stderr
    script = (f"read_slang --threads 1 --top {top} -G Count=2 {' '.join(sources)}; "
              f"hierarchy -check -top {top}; proc; check -assert; "
              "select -assert-none t:$dlatch")  # fmt: skip
    yosys = str(toolchain.wheel_program(toolchain.YOSYS))
    done = tools.run([yosys, "-q", "-e", ".", "-p", script], folder)
    return done.stdout + done.stderr if done.returncode else ""


def test_the_text_names_wires_and_has_no_arithmetic() -> None:
    """Instances, wires and literals: what is computed stands in the primitives."""
    for seed in range(12):
        for array in emitted(Generator(seed, 24).program()).arrays.values():
            text = re.sub(r"//[^\n]*", "", array.pipeline.text().split("\n);\n")[1])
            body = re.sub(r"\[[^\]]*\]|for \([^)]*\)|-(?=\d)|\(\^|= \^", "", text)
            assert not re.search(r"[-*/?&|^]|(?<!\w)\+(?!:)", body), array.name
            assert "always" not in text


def test_a_wide_product_does_not_wait_where_its_factors_can() -> None:
    """PGD-Net's step of x comes in stage 3; η·g, 31 bits, waits for nothing."""
    array = emitted(program(specs.load("pgd"))).arrays["column"]
    schedule = array.pipeline.schedule
    products = [v for v in schedule.instances if isinstance(v, values.Product)]
    assert [schedule.start(v) for v in products] == [3, 3, 9]
    assert [schedule.uses[v] for v in products] == [(5,), (5,), (11,)]


@pytest.mark.parametrize(
    ("name", "cycles"),
    [("pgd", {"row": 8, "column": 13}), ("admm-box", {"front": 2, "column": 30}),
     ("hpd-16qam-2bit", {"row": 4, "column": 7, "fusion": 8}),
     ("fpd-4qam-1bit", {"row": 4, "column": 28, "fusion": 8})],
)  # fmt: skip
def test_cycles_of_the_functions(name: str, cycles: dict[str, int]) -> None:
    found = emitted(program(specs.load(name))).arrays
    assert {function: array.latency for function, array in found.items()} == cycles


def test_functions_of_detectors_of_ones_own_are_the_golden_models() -> None:
    programs = {name: program(made(name)) for name in NAMES}
    assert not any(functions.compare(programs, 500, seed=0).values())


def test_every_one_of_three_hundred_programs_is_emitted() -> None:
    """Functions without a wire, products that another function takes: seldom, but they happen."""
    for seed in range(300):
        assert emitted(Generator(seed, 24).program()).files()
