# SPDX-License-Identifier: Apache-2.0
"""The HLS templates with native integers as a shared library, and its comparison with golden.

    python -m hls.native --layer NAME [--spec NAME|FILE] [--vectors 1000] [--seed 0] [--portable]
    python -m hls.native --bench

    Native.build(spec).run(h, y, index)

The library is built once for a spec, its sources, the compiler and its flags (build/native-…so),
says which spec it was built from, and is called through ctypes. Nothing falls back to numpy.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fixedpoint.detectors.library import DetectorSpec
from fixedpoint.detectors.registry import program
from fixedpoint.numbers.bank import check_blocks
from fixedpoint.numbers.format import check_integers
from fixedpoint.outcome import Output
from fixedpoint.program.soft import wires as soft_wires
from fixedpoint.program.views.interpret import Wires
from fixedpoint.receivers import family
from fixedpoint.support.chunks import chunks
from hls.builds import compiler
from hls.builds.stale import refuse_stale
from hls.project import cpp as emit_cpp

CARRIERS = (8, 16, 32, 64)
CHUNK = 16_384
"""Vectors at a time."""
Carried = NDArray[Any]
Inputs = tuple[Carried, Carried, Carried]


@dataclass(frozen=True)
class Native:
    """One spec's library."""

    spec: DetectorSpec
    path: Path
    library: ctypes.CDLL

    @classmethod
    def build(cls, spec: DetectorSpec, *, portable: bool = False, sanitize: bool = False) -> Native:
        """Build (or find) and load the library.

        portable: plain code for every processor of this kind instead of this machine's; sanitize:
        under -fsanitize=undefined, any fault ends the process. Raises `ValueError` without a
        compiler.
        """
        flags = ["-O3", "-fPIC", "-shared", "-fvisibility=hidden"]
        flags += [] if portable else ["-march=native"]
        flags += ["-fsanitize=undefined", "-fno-sanitize-recover=all"] if sanitize else []
        made = compiler.Build(
            files=emit_cpp.library_files(spec),
            sources=("library.cpp",),
            includes=("firmware",),
            flags=tuple(flags),
        )
        return cls.load(spec, compiler.compile_cached(made, f"native-{spec.name}.so"))

    @classmethod
    def load(cls, spec: DetectorSpec, path: Path) -> Native:
        """Load a library. Raises `ValueError` if it was built from another spec or graph."""
        try:
            library = ctypes.CDLL(str(path))
            library.bitfold_digest.restype = library.bitfold_graph.restype = ctypes.c_char_p
            built = (library.bitfold_digest().decode("ascii"),
                     library.bitfold_graph().decode("ascii"))  # fmt: skip
        except (OSError, AttributeError) as error:
            raise ValueError(f"native library {path} cannot be loaded: {error}") from None
        refuse_stale(f"native library {path}", built, spec)
        return cls(spec, path, library)

    def run(self, h: Carried, y: Carried, index: Carried) -> Output:
        """The last layer of h (G, R, N), y (G, B, M), index (G, B): integers of any type.

        h holds the parts that a block brings one below the other: H, or those that it stores.

        Integers beyond a symmetric format are clamped by the library, an index beyond the bank
        takes its last entry. Arrays that have the library's own types are not copied, others some
        thousand vectors at a time. Raises `ValueError` on wrong shapes and types, and on a block of
        stored matrices with two SNR indices.
        """
        self._check(h, y, index)
        whole = self._outputs(index.shape)
        bits = np.empty((*whole["bits"].shape, self.spec.constellation.bits), np.uint8)
        for chunk in chunks(index.shape[0], index.shape[1], CHUNK):
            inputs = self._carried(h[chunk.blocks], y[chunk.part], index[chunk.part])
            outputs = {wire: array[chunk.part] for wire, array in whole.items()}
            self._call("bitfold_run", inputs, outputs.values())
            self._split(outputs["bits"], bits[chunk.part])
        soft = [whole[name] for name in self._soft]
        return Output(whole["state"], whole.get("code"), bits,
                      np.stack(soft, axis=-1) if soft else None)  # fmt: skip

    def wires(self, h: Carried, y: Carried, index: Carried) -> list[Wires]:
        """Every wire of every layer, as `family.run` returns them; inputs as in `run`.

        They take tens of KiB a vector: of many vectors, ask for some at a time.
        """
        inputs = self.carried(h, y, index)
        layers = [
            {wire: self._wire(index.shape, layer, wire) for wire in formats}
            for layer, formats in family.layer_formats(self.spec).items()
        ]
        self._call("bitfold_wires", inputs, [a for layer in layers for a in layer.values()])
        for layer in layers:
            if "bits" in layer:
                words = layer["bits"]
                layer["bits"] = np.empty((*words.shape, self.spec.constellation.bits), np.int64)
                self._split(words, layer["bits"])
        return [Wires(**layer) for layer in layers]

    def carried(self, h: Carried, y: Carried, index: Carried) -> Inputs:
        """The inputs in the library's types: the smallest native integers that hold the formats.

        Raises as `run`.
        """
        self._check(h, y, index)
        return self._carried(h, y, index)

    def _check(self, h: Carried, y: Carried, index: Carried) -> None:
        spec, blocks = self.spec, h.shape[0] if h.ndim == 3 else 0
        _check("h", h, (blocks, spec.matrix_rows, spec.columns))
        _check("y", y, (blocks, y.shape[1] if y.ndim == 3 else 0, spec.rows))
        _check("index", index, y.shape[:2])
        if index.size == 0:
            raise ValueError("no vectors: at least 1 was expected")
        if int(index.min()) < 0:
            raise ValueError(f"SNR index {int(index.min())} is negative")
        if spec.one_snr_a_block:
            check_blocks(index)

    def _carried(self, h: Carried, y: Carried, index: Carried) -> Inputs:
        spec = self.spec
        index_bits = spec.snr.index_bits
        return (
            _carry(h, _signed(spec.h_format.bits)),
            _carry(y, _signed(spec.y_format.bits) if spec.y_format.signed else np.dtype("u1")),
            _carry(index, _unsigned(index_bits), 2**index_bits - 1),
        )

    def caller(self, inputs: Inputs) -> Callable[[], None]:
        """A call of the fast path alone on `carried` inputs, output arrays made beforehand."""
        outputs = self._outputs(inputs[2].shape)
        return lambda: self._call("bitfold_run", inputs, outputs.values())

    def _outputs(self, leading: tuple[int, ...]) -> dict[str, Carried]:
        """Uninitialised arrays of the last layer, in the order of `bitfold_run`, bits as words."""
        spec = self.spec
        kinds = {"state": _signed(spec.state_format.bits)}
        if (code := family.wire_formats(spec).get("code")) is not None:
            kinds["code"] = _signed(code.bits) if code.signed else _unsigned(code.bits)
        kinds["bits"] = _unsigned(spec.constellation.bits)
        if spec.soft is not None:
            kinds |= {name: _signed(spec.soft.llr.bits) for name in self._soft}
        return {wire: np.empty((*leading, spec.columns), kind) for wire, kind in kinds.items()}

    @property
    def _soft(self) -> list[str]:
        """The wires of soft bits."""
        return soft_wires(program(self.spec).layer)

    def _wire(self, leading: tuple[int, ...], layer: str, wire: str) -> Carried:
        """An uninitialised array of a wire; bits as words of a real dimension."""
        shape = family.wire_shape(self.spec, layer, wire)
        return np.empty((*leading, *(shape[:-1] if wire == "bits" else shape)), np.int64)

    def _split(self, words: Carried, bits: Carried) -> None:
        """Gray words (…, N) to bits (…, N, bits a dimension), first bit first, in place."""
        for i, place in enumerate(range(self.spec.constellation.bits - 1, -1, -1)):
            np.bitwise_and(words >> place, 1, out=bits[..., i])

    def _call(self, name: str, inputs: Inputs, outputs: Iterable[Carried]) -> None:
        blocks, vectors = inputs[2].shape
        addresses = [array.ctypes.data for array in outputs]
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in inputs]
        sizes = [ctypes.c_size_t(blocks), ctypes.c_size_t(vectors)]
        table = (ctypes.c_void_p * len(addresses))(*addresses)
        getattr(self.library, name)(*pointers, *sizes, ctypes.byref(table))


def _signed(bits: int) -> np.dtype[Any]:
    """The library's type for a signed format, as bitfold::Int chooses it."""
    return np.dtype(f"i{next(w for w in CARRIERS if bits <= w) // 8}")


def _unsigned(bits: int) -> np.dtype[Any]:
    """The library's type for an unsigned format, as bitfold::UInt chooses it."""
    return np.dtype(f"u{next(w for w in CARRIERS if bits <= w) // 8}")


def _carry(array: Carried, target: np.dtype[Any], highest: int | None = None) -> Carried:
    """The same integers in another type; what it cannot hold becomes its nearest."""
    if array.dtype != target or highest is not None:
        from_, to = np.iinfo(array.dtype), np.iinfo(target)
        high = min(from_.max, to.max if highest is None else highest)
        array = np.clip(array, max(from_.min, to.min), high).astype(target)
    return np.ascontiguousarray(array)


def _check(name: str, array: Carried, shape: tuple[int, ...]) -> None:
    check_integers(name, array)
    if array.shape != shape:
        raise ValueError(f"{name} has the shape {array.shape}, {shape} was expected")
