# SPDX-License-Identifier: Apache-2.0
"""Converters of 1 to 4 bits with gain control: thresholds and levels as banks of integers.

The gain control knows the statistics of signal and noise: it scales a converter for standard normal
samples by their standard deviation at the nearest entry of the SNR bank.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fixedpoint.numbers.format import Format, IntArray, integers
from fixedpoint.numbers.gaussian import QUANTIZERS
from fixedpoint.support.reading import brief


@dataclass(frozen=True)
class FewBitAdc:
    """A code c stands for the cell [thresholds[c − 1], thresholds[c]) of its SNR entry's row.

    The first and the last cell are open. thresholds: 2^bits − 1 ascending integers of `threshold`
    for each SNR entry; levels: 2^bits of `level`, one inside each cell. `quantizer`, lloyd-max or
    uniform, says how they were made.
    """

    bits: int
    quantizer: str
    threshold: Format
    level: Format
    thresholds: tuple[tuple[int, ...], ...]
    levels: tuple[tuple[int, ...], ...]

    @classmethod
    def designed(
        cls, bits: int, quantizer: str, threshold: Format, level: Format,
        deviation: NDArray[np.float64],
    ) -> FewBitAdc:  # fmt: skip
        """For Gaussian samples of standard deviations (entries,), rounded half up."""
        cells = QUANTIZERS[quantizer](bits)
        thresholds, levels = (
            tuple(map(tuple, fmt.quantize(np.array(part) * deviation[:, None]).tolist()))
            for fmt, part in ((threshold, cells.thresholds), (level, cells.levels))
        )
        return cls(bits, quantizer, threshold, level, thresholds, levels)

    @property
    def code(self) -> Format:
        """The format of a code, unsigned."""
        return Format(self.bits, 0, signed=False)

    @property
    def format(self) -> Format:
        """See `detector_spec.Converter`: that of a code."""
        return self.code

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest code."""
        return 0, self.code.max

    @property
    def system(self) -> dict[str, object]:
        """Samples of a converter of so many bits."""
        return {"adc_bits": self.bits, "quantizer": self.quantizer}

    @property
    def full_scale(self) -> float | None:
        """None: codes at the ends have open cells."""
        return None

    def given(self, y: IntArray, index: IntArray) -> dict[str, IntArray]:
        """The codes, and the thresholds `low` and `up` around each."""
        low, up = self.cells(y, index)
        return {"y": y, "low": low, "up": up}

    def real(self, y: NDArray[np.float64], index: IntArray) -> dict[str, IntArray]:
        """The same of real samples: a code is one in the float twin, too."""
        return self.given(self.convert(y, index), index)

    def faults(self, entries: int) -> list[str]:
        """What is wrong with a converter for a bank of that many SNR entries."""
        if not 1 <= self.bits <= 4:
            return [f"adc.bits: {self.bits} is outside 1 to 4"]
        found = []
        if self.quantizer not in QUANTIZERS:
            shown = brief(self.quantizer)
            found.append(f"adc.quantizer: {shown} is not one of {', '.join(QUANTIZERS)}")
        for name, count in (("thresholds", 2**self.bits - 1), ("levels", 2**self.bits)):
            fmt = self.threshold if name == "thresholds" else self.level
            rows: tuple[tuple[int, ...], ...] = getattr(self, name)
            if not fmt.signed:
                found.append(f"adc.{name[:-1]}.signed: false, true expected")
            if len(rows) != entries:
                found.append(f"adc.{name}: {len(rows)} entries, {entries} expected")
            for k, row in enumerate(rows):
                if len(row) != count:
                    found.append(f"adc.{name}[{k}]: {len(row)} entries, {count} expected")
                elif not all(fmt.min <= q <= fmt.max for q in row):
                    found.append(f"adc.{name}[{k}]: {list(row)} is not within {fmt}")
                elif any(a >= b for a, b in itertools.pairwise(row)):
                    found.append(f"adc.{name}[{k}]: {list(row)} does not ascend")
        return found

    def scale_faults(self, deviation: NDArray[np.float64]) -> list[str]:
        """A line if the levels are not those of samples of such deviations (entries,).

        Levels within a quarter of a designed converter's pass: it may be another one's design.
        """
        designed = self.designed(self.bits, self.quantizer, self.threshold, self.level, deviation)
        mine, wanted = (np.abs(np.array(made.levels)).sum(axis=1) for made in (self, designed))
        ratio = mine / np.maximum(wanted, 1)
        worst = int(np.argmax(np.abs(np.log(np.maximum(ratio, 1e-9)))))
        if 0.8 <= ratio[worst] <= 1.25:
            return []
        return [f"adc.levels[{worst}]: {ratio[worst]:.2g} times those of this array's samples; "
                "thresholds and levels of its users and modulation expected"]  # fmt: skip

    def convert(self, y: ArrayLike, index: IntArray) -> IntArray:
        """Real samples (…, M) of SNR entries (…,) to codes; a sample on a threshold goes up.

        Raises `ValueError` on NaN and infinity.
        """
        y = np.asarray(y, dtype=np.float64)
        if not np.all(np.isfinite(y)):
            raise ValueError("NaN or infinity cannot be converted")
        rows = self.threshold.value(self.thresholds)[integers("index", index)]
        codes = np.zeros(y.shape, dtype=np.int64)
        for i in range(rows.shape[-1]):
            codes += y >= rows[..., i, None]
        return codes

    def cells(self, codes: IntArray, index: IntArray) -> tuple[IntArray, IntArray]:
        """q_low and q_up of codes (…, M) at SNR entries (…,), integers of `threshold`.

        An open side repeats the cell's other threshold; who reads it knows the first and the last
        code.
        """
        codes, index = integers("codes", codes), integers("index", index)
        rows = np.array(self.thresholds, dtype=np.int64)[index]
        last = rows.shape[-1] - 1
        low = np.take_along_axis(rows, np.clip(codes - 1, 0, last).reshape(*index.shape, -1), -1)
        up = np.take_along_axis(rows, np.clip(codes, 0, last).reshape(*index.shape, -1), -1)
        return low.reshape(codes.shape), up.reshape(codes.shape)

    def level_of(self, codes: IntArray, index: IntArray) -> IntArray:
        """The level of codes (…, M) at SNR entries (…,), integers of `level`."""
        codes, index = integers("codes", codes), integers("index", index)
        rows = np.array(self.levels, dtype=np.int64)[index]
        return np.take_along_axis(rows, codes.reshape(*index.shape, -1), -1).reshape(codes.shape)
