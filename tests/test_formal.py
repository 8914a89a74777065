# SPDX-License-Identifier: Apache-2.0
"""The proofs' own machinery; the proofs themselves are `python -m verification.formal`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hls.builds import toolchain
from verification.formal import __main__ as command
from verification.formal import aiger, resets, unroll, yosys
from verification.formal import check as checks
from verification.formal.aiger import Circuit, Latch
from verification.formal.check import Check, Fault
from verification.formal.prove import prove

# A register that counts to 3 (two bits, from 0) and is bad at 3: 1 step more than it takes.
COUNTER = Circuit(
    inputs=0,
    latches=(Latch(3, False), Latch(11, False)),
    gates=((2, 5), (3, 4), (7, 9), (2, 4)),
    bads={("bad_three", 0): 12},
    names={1: [("count", 0)], 2: [("count", 1)]},
)


def every_check() -> list[Check]:
    return [*command._of_shapes(command.NO_SHAPES), *command._stateful()]


def named(name: str) -> Check:
    return next(check for check in every_check() if check.name == name)


def test_a_bounded_proof_ends_where_its_depth_ends() -> None:
    assert unroll.bounded(COUNTER, 3) is None
    refuted = unroll.bounded(COUNTER, 4)
    assert refuted is not None
    assert refuted.claim == "bad_three[0]"
    assert refuted.claims == {"bad_three"}
    assert [step["count"] for step in refuted.trace] == [0, 1, 2, 3]


def test_a_claim_that_will_break_has_no_induction() -> None:
    assert not unroll.inductive(COUNTER, 1)


def test_a_claim_that_is_always_broken_is_so_without_a_name_of_its_own() -> None:
    circuit = aiger.read(b"aig 1 1 0 2 0\n0\n1\n", "input 0 0 clk_i\n")
    refuted = unroll.bounded(circuit, 1)
    assert refuted is not None
    assert refuted.claim == "bad_constant[1]"


def test_a_circuit_without_claims_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one or more"):
        aiger.read(b"aig 1 1 0 0 0\n", "input 0 0 clk_i\n")


def test_the_frame_guard_is_proven_and_each_fault_refuted() -> None:
    check = named("frame-guard")
    assert prove(check, None).passed
    for fault in check.faults:
        assert prove(check, fault).passed, str(fault)


def test_a_fault_that_changes_nothing_is_a_failure() -> None:
    harmless = Fault("frame_guard", "assign major_o  = major_q;", "assign major_o = major_q;")
    result = prove(named("frame-guard"), harmless)
    assert not result.passed
    assert "not refuted" in "\n".join(command._complaints([], [result]))


def test_a_fault_whose_text_is_gone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"stands 0 times in frame_guard\.sv, 1 was expected"):
        checks.sources("frame_guard", Fault("frame_guard", "no such text", ""))


@pytest.mark.parametrize("check", every_check(), ids=lambda check: check.name)
def test_every_check_has_faults_that_fit_today_s_sources(check: Check) -> None:
    assert check.faults
    for fault in [*check.faults, *check.harmless]:
        assert checks.sources(check.module, fault) != checks.sources(check.module, None)


def test_a_claim_that_no_fault_breaks_is_named() -> None:
    check = replace(named("frame-guard"), faults=())
    result = prove(check, None)
    assert result.passed
    said = "\n".join(command._complaints([check], [result]))
    assert "frame-guard: no fault breaks bad_error" in said
    assert "frame-guard: no fault breaks bad_commit" in said
    assert "bad_inner" not in said


def test_a_harmless_change_that_breaks_a_claim_is_a_failure() -> None:
    check = named("frame-guard")
    result = prove(replace(check, harmless=check.faults[:1]), check.faults[0])
    assert not result.passed
    assert f"with {check.faults[0]}" in "\n".join(command._complaints([], [result]))


@pytest.mark.parametrize(("module", "name"), resets.WITHOUT_EFFECT)
def test_a_reset_without_effect_is_proven_so_and_not_planted(module: str, name: str) -> None:
    (harmless,) = resets.harmless(module)
    assert harmless.words == f"{name} without its reset"
    assert any(harmless in check.harmless for check in every_check())
    assert not any(harmless in check.faults for check in every_check())


def test_resets_of_registers_with_an_index_are_found() -> None:
    dropped = [fault.words for fault in resets.faults("fusion_inbox")]
    assert dropped == ["count_q without its reset"]
    assert "flying_q without its reset" in {fault.words for fault in resets.faults("block_gate")}


def test_many_sizes_are_several_circuits_and_each_claim_names_its_own() -> None:
    check = named("oldest-first")
    sizes = checks.sizes("Slots", *((n,) for n in range(1, 13)))
    many = replace(check, sizes=sizes)
    assert [len(some) for some, _ in checks.circuits(many, None)] == [10, 2]
    broken = Fault("oldest_first", "i <= Slots", "i < Slots")
    assert prove(many, broken).refuted.startswith("result in step 0, Slots=")


def test_every_reset_of_the_frame_guard_is_dropped_once() -> None:
    dropped = {fault.words for fault in resets.faults("frame_guard")}
    names = ("major_q", "minor_q", "dropping_q", "error_o", "errors_o")
    assert dropped == {f"{name} without its reset" for name in names}


def test_a_missing_tool_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(toolchain, "YOSYS", "yowasp-nothing")
    assert command.main(["--check", "frame-guard"]) == 2
    assert "yowasp-nothing is missing" in capsys.readouterr().err


def test_an_unknown_check_is_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--check", "fifo"]) == 2
    assert "check 'fifo' is unknown" in capsys.readouterr().err


def test_a_broken_module_fails_with_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    check = named("frame-guard")
    broken = checks.sources("frame_guard", check.faults[0])
    monkeypatch.setattr(checks, "sources", lambda module, fault: broken)
    result = prove(check, None)
    assert not result.passed
    assert any("beat_i=0x1" in line for line in result.trace)


def test_the_harnesses_lie_where_yosys_looks_for_them() -> None:
    for check in every_check():
        assert f"{check.module}_formal" in yosys.HARNESSES
