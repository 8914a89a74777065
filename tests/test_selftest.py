"""The faults that the self-test puts in: one bit or operator each, never the digest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hls import cases, emit_cpp, emit_rtl, toolchain
from verification import trial
from verification.equivalence import same_hardware
from verification.mutate import Mutation
from verification.no_effect import reason

SPEC = cases.find(trial.DETECTORS[0]).spec


def faults() -> Iterator[tuple[str, Mutation]]:
    """Every fiftieth place of each kind, the first one of each in any case."""
    for kind in trial.KINDS:
        places = trial.KINDS[kind]()
        yield from places[:: len(places) // 50 + 1]


def test_a_fault_changes_one_line_and_never_the_digest() -> None:
    kinds = set()
    for detector, mutation in faults():
        before = trial.text_of(detector, mutation.file)
        after = mutation.apply(before)
        pairs = zip(before.splitlines(), after.splitlines(), strict=True)
        changed = [(a, b) for a, b in pairs if a != b]
        assert len(changed) == 1, mutation
        digest = cases.find(detector).spec.digest
        assert before.count(digest) == after.count(digest)
        assert digest not in changed[0][0]
        kinds.add(mutation.kind)
    assert kinds == set(trial.KINDS)


def test_a_flip_changes_one_bit() -> None:
    for _, mutation in faults():
        if mutation.kind == "rtl" or mutation.name == "soft":
            continue
        base = 16 if mutation.kind == "mem" or "Thresholds" in mutation.name else 10
        changed = int(mutation.before, base) ^ int(mutation.after, base)
        assert changed.bit_count() == 1, mutation


def test_an_expected_integer_stays_in_its_format() -> None:
    for _, mutation in trial.KINDS["vectors"]()[::1009]:
        if mutation.name.endswith(".code"):
            assert SPEC.formats.code.allows(int(mutation.after))


def test_a_fault_is_refused_in_another_text() -> None:
    _, mutation = trial.KINDS["rtl"]()[0]
    with pytest.raises(ValueError, match="does not hold"):
        mutation.apply("")


def test_an_entry_that_no_layer_reads_is_excused_and_its_neighbour_is_not() -> None:
    first = (len(SPEC.layers) - 1) * len(SPEC.snr)
    for entry, excused in ((first, True), (first - 1, False)):
        mutation = Mutation("mem", "pgd_step.mem", 1, 0, f"pgd_step[{entry}]", "1c", "1d")
        assert (reason(SPEC, mutation) is not None) is excused


def test_a_narrower_wire_is_excused_only_if_its_worst_case_fits() -> None:
    for name, after, excused in (("ErrorWidth", 40, True), ("ErrorWidth", 3, False),
                                 ("XAlign", 3, False)):  # fmt: skip
        before = "17"
        mutation = Mutation("package", toolchain.PACKAGE, 1, 0, name, before, str(after))
        assert (reason(SPEC, mutation) is not None) is excused


def test_emitted_files_have_places_for_faults() -> None:
    assert {m.file for _, m in trial.KINDS["mem"]()} == {
        name for name in emit_rtl.rtl_files(SPEC) if name.endswith(".mem")
    }
    assert {m.file for _, m in trial.KINDS["header"]()} == {emit_cpp.HEADER}
    assert len({m.file for _, m in trial.KINDS["rtl"]()}) > 15


def test_the_same_inverse_for_every_state_is_excused_and_another_is_not() -> None:
    for after, excused in (("54", True), ("15", False)):
        mutation = Mutation("mem", "pgd_inverse.mem", 1, 0, "pgd_inverse[62]", "55", after)
        assert (reason(SPEC, mutation) is not None) is excused


def test_a_threshold_beyond_every_state_is_excused_and_another_is_not() -> None:
    for before, after, excused in (("1a0", "1a2", True), ("1e0", "1e1", False)):
        name = "SlicerThresholds[6]"
        mutation = Mutation("package", toolchain.PACKAGE, 1, 0, name, before, after)
        assert (reason(SPEC, mutation) is not None) is excused


def test_a_counter_modulo_two_is_excused_and_a_longer_one_is_not() -> None:
    for file, excused in (("output_buffer.sv", True), ("slot_ring.sv", False)):
        text = trial.text_of(trial.DETECTORS[0], file)
        lines = enumerate(text.splitlines())
        (place,) = [i for i, line in lines if "return" in line and "? '0 : " in line]
        at = text.splitlines()[place].rindex(" + ")
        mutation = Mutation("rtl", file, place + 1, at, "minus for plus", " + ", " - ")
        proof = same_hardware(trial.DETECTORS[0], trial.LANES, mutation, text)
        assert (proof is not None) is excused


def test_the_same_hardware_is_recognised_and_other_hardware_is_not() -> None:
    text = trial.text_of(trial.DETECTORS[0], "slot_ring.sv")
    (place,) = [i for i, line in enumerate(text.splitlines()) if "waiting_q + Count" in line]
    line = text.splitlines()[place]
    for before, after, excused in (("waiting_q + ", "(waiting_q) + ", True), (" + ", " - ", False)):
        at = line.index(before)
        mutation = Mutation("rtl", "slot_ring.sv", place + 1, at, "", before, after)
        proof = same_hardware(trial.DETECTORS[0], trial.LANES, mutation, text)
        assert (proof is not None) is excused
