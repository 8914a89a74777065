"""The cocotb regression: every configuration, and by name every test that has to run in it.

The tests are written out, so that one that vanished or was renamed fails the regression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from verification import primitives

# Widths of the engine where it runs alone, with the row and column functions of engine_bench.py.
ENGINE_PARAMETERS = {
    "Slots": 4,
    "Layers": 3,
    "EntryWidth": 8,
    "RecordWidth": 12,
    "OperandWidth": 8,
    "ResultWidth": 8,
    "StateWidth": 12,
    "RowSumWidth": 20,
    "ColumnSumWidth": 20,
    "TagWidth": 6,
    "BeatEntries": 8,
}


@dataclass(frozen=True)
class Configuration:
    """One simulator: a top module with parameters, and the bench that runs on it.

    detector: whose package and constants are emitted, None for modules without a spec; build: the
    simulator's name, shared by configurations that differ in their bench alone.
    """

    name: str
    module: str
    top: str
    build: str
    tests: tuple[str, ...]
    detector: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def bench(self) -> str:
        """`pgd` of bench_pgd."""
        return self.module.removeprefix("bench_")


REQUANTIZE = (
    "small_widths_agree_exhaustively",
    "corners_around_powers_of_two_agree",
    "random_integers_of_all_magnitudes_agree",
)
PROX = (
    "small_widths_agree_exhaustively",
    "corners_and_thresholds_themselves_agree",
    "random_updates_and_thresholds_agree",
)
SLICER = (
    "every_state_up_to_12_bits_is_decided_right",
    "a_state_on_a_threshold_decides_upwards",
    "random_states_are_decided_right",
)
ENGINE = (
    "both_passes_equal_the_products",
    "latencies_stalls_and_room_change_nothing",
    "a_new_matrix_waits_for_the_vectors_in_flight",
    "the_largest_sums_fit",
)
AXIS = ("cocotbext_axi_gets_the_golden_outputs",)
PGD = (
    "outputs_and_inner_wires_equal_the_golden_model",
    "a_new_matrix_waits_for_the_vectors_in_flight",
    "each_vector_gets_the_constants_of_its_own_snr_index",
    "a_reset_with_vectors_in_flight_leaves_nothing_behind",
    "short_and_long_frames_are_dropped_counted_and_flagged",
    "integers_outside_their_formats_are_clamped",
    "outputs_keep_still_under_back_pressure",
    "a_beat_is_offered_before_anybody_asks_for_it",
    "the_hardware_names_the_spec_that_it_was_built_from",
)


def configurations() -> list[Configuration]:
    """All of them, in the order in which they run."""
    return [
        _primitive("requantize", REQUANTIZE),
        _primitive("prox", PROX),
        _primitive("slicer", SLICER),
        _engine(32, 32, 32),
        _engine(32, 32, 64),
        _engine(32, 32, 128),
        _engine(32, 16, 32),
        _engine(16, 32, 64),
        _pgd("pgd", 32),
        _pgd("stress-soft-32x32", 64),
        _pgd("stress-box-16x8-64qam", 16),
        _pgd("stress-soft-8x4-qpsk", 16),
        replace(_pgd("pgd", 32), name="axis", module="bench_axis", tests=AXIS),
    ]


def find(name: str) -> Configuration:
    """The configuration of that name. Raises `ValueError`."""
    return next(c for c in select(name) if c.name == name)


def select(name: str) -> list[Configuration]:
    """A configuration by its name, or all of a bench. Raises `ValueError` on an unknown one."""
    chosen = [c for c in configurations() if name in (c.name, c.bench)]
    if not chosen:
        names = ", ".join(dict.fromkeys(n for c in configurations() for n in (c.bench, c.name)))
        raise ValueError(f"bench {name!r} is unknown, expected one of {names}")
    return chosen


def _primitive(name: str, tests: tuple[str, ...]) -> Configuration:
    return Configuration(name, f"bench_{name}", "primitives", "primitives", tests,
                         parameters=primitives.parameters())  # fmt: skip


def _pgd(detector: str, lanes: int) -> Configuration:
    name = f"{detector}@{lanes}"
    return Configuration(name, "bench_pgd", "pgd_top", f"pgd-{name}", PGD, detector,
                         {"Lanes": lanes})  # fmt: skip


def _engine(rows: int, columns: int, lanes: int) -> Configuration:
    name = f"engine-{rows}x{columns}@{lanes}"
    sizes = {"Rows": rows, "Columns": columns, "Lanes": lanes}
    return Configuration(name, "bench_engine", "engine", name, ENGINE,
                         parameters={**ENGINE_PARAMETERS, **sizes})  # fmt: skip
