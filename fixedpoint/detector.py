# SPDX-License-Identifier: Apache-2.0
"""A detector to call from Python: real samples in, bits out.

Detector.load(NAME).run(H, y, snr_db).bits
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from fixedpoint.detectors import library as specs
from fixedpoint.detectors.registry import program
from fixedpoint.numbers import labels as bit_labels
from fixedpoint.numbers import slicer
from fixedpoint.numbers.bank import check_blocks
from fixedpoint.numbers.format import IntArray, integers
from fixedpoint.outcome import Detection, Output
from fixedpoint.program import soft
from fixedpoint.program.graph import Program
from fixedpoint.program.views import fast
from fixedpoint.receivers import family, receiver
from fixedpoint.receivers.care import InputWarning, Watch
from fixedpoint.receivers.inputs import check
from fixedpoint.receivers.samples import RealInputs, Samples, in_blocks
from fixedpoint.receivers.scale import AS_IS, Convention
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.chunks import Chunk, chunks

__all__ = ["Detection", "Detector", "InputWarning", "Integers", "Output"]

if TYPE_CHECKING:
    from fxpmath.objects import Fxp


@dataclass(frozen=True)
class Integers:
    """A detector's inputs as integers: h (G, R, N), y (G, B, M), index (G, B).

    h holds the parts that a block brings, `spec.parts`, one below the other: H, or stored
    matrices such as Fᵀ and P. y holds the converters' levels, or their codes.
    raised: blocks whose F and P were made with a larger ρ than the spec's
    (`fixedpoint.specs.prepare`).
    """

    h: IntArray
    y: IntArray
    index: IntArray
    raised: int = 0


@dataclass(frozen=True)
class Detector:
    """The golden model of one spec."""

    spec: DetectorSpec

    @classmethod
    def load(cls, source: str | Path) -> Detector:
        """A shipped detector by its name, or one from a spec file. Raises `SpecError`."""
        return cls(specs.load(source))

    def quantize(
        self,
        h: ArrayLike,
        y: ArrayLike,
        snr_db: ArrayLike | None = None,
        *,
        normalise: bool = False,
        symbol_energy: float | None = None,
        quiet: bool = False,
    ) -> Integers:
        """Channel estimates and received samples as the integers that the hardware gets.

        y = Hx + n with coordinates ±1, ±3, … of x; a complex entry of H has E|h|² =
        `spec.entry_variance`, which is 1/Nr for a single receiver and 1 for distributed units; the
        SNR is E‖Hx‖²/E‖n‖², so that complex noise has the variance Nt·Es·E|h|²/SNR an antenna.
        Inputs that are far from that are named in an `InputWarning`, once a call.

        Args:
            h: complex (…, Nr, Nt) or real (…, 2Nr, 2Nt) as eq. (2): one matrix for all vectors,
                one for each (shape of y's leading dimensions), or (G, …) for blocks of vectors.
            y: complex (…, Nr) or real (…, 2Nr) received vectors, of dimension (B, …) or (G, B, …);
                or one vector alone, with one matrix.
            snr_db: a number; (G,), one for each y[g] of a y of dimension (G, B, …); or one for each
                vector, the shape of y's leading dimensions. Nothing else: no shape has two
                meanings. None estimates one for all vectors (`fixedpoint.receivers.snr`).
            normalise: multiply H and y by the factor that gives H the E|h|² above.
            symbol_energy: E|s|² of the symbols in y, where they are not of ±1, ±3, …; 1 for unit
                energy.
            quiet: warn of nothing.

        Raises:
            ValueError: a wrong shape, NaN or infinity, an SNR outside the bank, no vectors; two SNR
                entries in a block whose matrices are made for one.
        """
        convention = Convention(normalise, symbol_energy)
        samples, spec = self.samples(h, y, snr_db, convention), self.spec
        blocks, vectors = samples.shape
        watch = Watch(spec)
        matrices = np.empty((blocks, spec.matrix_rows, spec.columns), np.int64)
        codes = np.empty((blocks, vectors, spec.rows), np.int64)
        index, raised = np.empty((blocks, vectors), np.int64), 0
        for chunk in chunks(blocks, vectors):
            made = self._quantized(samples, chunk, watch)
            matrices[chunk.blocks], codes[chunk.part] = made.h, made.y
            index[chunk.part] = made.index
            raised += made.raised if chunk.opens else 0
        if not quiet:
            _warn(watch)
        return Integers(matrices, codes, index, raised)

    def samples(
        self,
        h: ArrayLike,
        y: ArrayLike,
        snr_db: ArrayLike | None,
        convention: Convention = AS_IS,
    ) -> Samples:
        """The same inputs in blocks, neither quantized nor copied. Raises as `quantize`."""
        samples = convention.apply(self.spec, h, y, snr_db)
        index = self.spec.snr.index(samples.snr_db)
        if self.spec.one_snr_a_block:
            check_blocks(index)
        return samples

    def real_inputs(self, h: ArrayLike, y: ArrayLike, snr_db: ArrayLike) -> RealInputs:
        """The same inputs in the real form of eq. (2) and in blocks, not yet quantized.

        Their SNR may lie outside the bank.
        """
        samples = in_blocks(self.spec, h, y, snr_db)
        blocks, vectors = samples.shape
        return samples.real(Chunk(slice(0, blocks), slice(0, vectors)))

    def run(
        self,
        h: ArrayLike,
        y: ArrayLike,
        snr_db: ArrayLike | None = None,
        *,
        normalise: bool = False,
        symbol_energy: float | None = None,
        labels: str = bit_labels.GRAY,
    ) -> Detection:
        """Detect: see `quantize` for arguments, the convention that H, y and SNR keep, and errors.

        labels: of the bits, `gray` as `Detection` says, or `38.211`, those of 5G NR and Sionna.

        In chunks of about a thousand vectors: beside inputs and results it takes no more memory for
        many vectors than for few.
        """
        relabel = bit_labels.relabelling(labels)
        samples = self.samples(h, y, snr_db, Convention(normalise, symbol_energy))
        blocks, vectors = samples.shape
        watch = Watch(self.spec)
        made, spec = program(self.spec), self.spec
        state = np.empty((blocks, vectors, spec.columns), np.int64)
        code = np.empty_like(state) if "code" in made.layer.formats else None
        bits = np.empty((blocks, vectors, spec.columns // 2, 2 * spec.constellation.bits), np.int64)
        llr = None if spec.soft is None else np.empty(bits.shape)
        for chunk in chunks(blocks, vectors):
            brought = self._quantized(samples, chunk, watch)
            last = Output.empty(made, brought.index.shape)
            self._last(made, brought, last)
            state[chunk.part] = last.state
            if code is not None and last.code is not None:
                code[chunk.part] = last.code
            bits[chunk.part] = relabel(slicer.bits_of_antennas(last.bits))
            if llr is not None and spec.soft is not None and last.llr is not None:
                ratios = slicer.bits_of_antennas(last.llr)
                llr[chunk.part] = spec.soft.llr.value(bit_labels.ratios(labels, ratios))
        _warn(watch)
        shape = (*np.shape(y)[:-1], spec.columns)
        return Detection(
            state.reshape(shape),
            spec.state_format.value(state).reshape(shape),
            None if code is None else code.reshape(shape),
            bits.reshape(*shape[:-1], *bits.shape[2:]),
            samples.h_scale,
            samples.estimated_db,
            None if llr is None else llr.reshape(*shape[:-1], *llr.shape[2:]),
        )

    def run_integers(self, h: IntArray, y: IntArray, index: IntArray) -> Output:
        """The last layer on integer inputs of any type, by the fast exact path.

        In chunks, as `run`. Raises as `family.run`.
        """
        h, y, index = np.asarray(h), np.asarray(y), np.asarray(index)
        check(self.spec, h, y, index)
        made, output = program(self.spec), Output.empty(program(self.spec), index.shape)
        for chunk in chunks(*index.shape):
            brought = Integers(h[chunk.blocks], y[chunk.part], index[chunk.part])
            self._last(made, brought, output.of(chunk))
        return output

    def _quantized(self, samples: Samples, chunk: Chunk, watch: Watch) -> Integers:
        """Some of the samples as integers, which `watch` sees before."""
        spec, real = self.spec, samples.real(chunk)
        watch.add(real, chunk.opens)
        index = spec.snr.index(real.snr_db)
        codes = spec.converter.convert(real.y, index)
        matrices, raised = receiver.matrices(spec, real.h, index)
        return Integers(matrices, codes, index, raised)

    def _last(self, made: Program, inputs: Integers, output: Output) -> None:
        """The last layer of a chunk."""
        h, y, index = (integers(name, getattr(inputs, name)) for name in ("h", "y", "index"))
        given = receiver.inputs(self.spec, h, y, index, checked=True).inputs
        for at, last in fast.run(made, given):
            output.state[at] = last["state"].transpose(0, 2, 1)
            if output.code is not None:
                output.code[at] = last["code"].transpose(0, 2, 1)
            if output.llr is not None:
                for number, name in enumerate(soft.wires(made.layer)):
                    output.llr[at][..., number] = last[name].transpose(0, 2, 1)
            slicer.decide_into(self.spec.slicer, output.state[at], output.bits[at])

    @overload
    def wires(
        self, h: IntArray, y: IntArray, index: IntArray, *, fxp: Literal[False] = False
    ) -> dict[str, IntArray]: ...

    @overload
    def wires(
        self, h: IntArray, y: IntArray, index: IntArray, *, fxp: Literal[True]
    ) -> dict[str, Fxp]: ...

    def wires(
        self, h: IntArray, y: IntArray, index: IntArray, *, fxp: bool = False
    ) -> dict[str, IntArray] | dict[str, Fxp]:
        """Every wire of every layer by its name, `LAYER.WIRE`.

        fxp: as fxpmath arrays, each in its wire's `Format` (`family.layer_formats`): exact sums of
        products at their derived widths, codes and exact products of them in steps Δ, bits as
        u1.0. The raw integers, `.val`, are the same. fxpmath's own arithmetic grows words exactly,
        truncates where it drops bits, and saturates to one integer more.
        """
        found = family.named(self.spec, family.run(self.spec, h, y, index))
        if not fxp:
            return found
        formats = family.layer_formats(self.spec)
        return {
            name: formats[layer][wire].to_fxp(q)
            for name, q in found.items()
            for layer, _, wire in (name.partition("."),)
        }


def _warn(watch: Watch) -> None:
    """An `InputWarning` at the line that called the detector, if there is something to say."""
    line = watch.line
    if line is not None:
        warnings.warn(line, InputWarning, stacklevel=3)
