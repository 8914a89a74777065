# SPDX-License-Identifier: Apache-2.0
"""Specs, `.npz` inputs and golden vectors, changed at random, against their readers.

    python -m tests.fuzz_files --count 50000 --seed 1

Every file is either refused by a `ValueError` of one line, or what was read of it keeps all of its
own rules. Anything else is a failure, and so are 5 s of CPU for one file, or 1 GiB more memory than
at the start.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fixedpoint import cli
from fixedpoint.detector import Detector
from fixedpoint.detectors import library as spec
from fixedpoint.detectors.registry import program
from fixedpoint.receivers import family
from fixedpoint.receivers.inputs import check_inputs
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden

SECONDS, MEMORY, LONGEST_MESSAGE = 5.0, 1 << 30, 10_000
HOSTILE: list[Any] = [
    0, -1, 1, 2, 63, 64, 10**6, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**20, 10**30, 10**400,
    "", "32", "2026-11-26", "../../x", "nul\0", "new\nline", "\x1b[2J", "\ud800", "x" * 5000,
    True, False, None, 0.5, 1e308, float("inf"), float("nan"), [], {}, [[]], [0] * 5000, [{}] * 200,
    {"bits": 64, "frac": 0, "signed": True}, {"first_db": -(10**9), "last_db": 10**9},
]  # fmt: skip
WORDS = [
    "0", "-1", "1", "007", "+1", "-0", "1_0", "1.5", "nan", "1" + "0" * 20, "9" * 18, "9" * 19,
    "9" * 5000, "", "x", "s8.7", "u63.0", "s64.0", "s1.0", "pgd1", "pgd5", "slicer", "y", "h",
    "wire", "end", "\t1", "1\r", "\x1b[2J", "0 0",
]  # fmt: skip
HEADERS = [
    "'<f8'", "'>c16'", "'<U9'", "'|O'", "'<M8[D]'", "'?'", "'<f16'", "[('a', '<f8')]", "None",
    "(1125899906842624, 32)", "(16, 16)", "(-1,)", "()", "(1, 0)", "(" * 90, "True", "False", "1",
]  # fmt: skip
DTYPES = ["<c16", "<c8", "<f8", ">f4", "<f2", "|i1", "<u8", "<U4", "|O", "<M8[s]", "|b1", "<i8,<i8"]


@dataclass(frozen=True)
class Kind:
    """One kind of file: `make` a changed one, `read` it, `check` what was read of it.

    `read` raises `ValueError` on what it refuses, `check` anything on what should have been.
    """

    suffix: str
    make: Callable[[random.Random], bytes]
    read: Callable[[Path], Any]
    check: Callable[[Path, Any], None]


def change_bytes(rng: random.Random, data: bytes) -> bytes:
    """A few changes that know nothing of the format."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        at = rng.randrange(len(made) + 1)
        end = min(len(made), at + rng.choice((1, 2, 4, 50, 5000)))
        kind = rng.randrange(6)
        if kind == 0 and at < len(made):
            made[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del made[at:]
        elif kind == 2:
            del made[at:end]
        elif kind == 3:
            made[at:at] = rng.randbytes(rng.choice((1, 4, 100)))
        elif kind == 4:
            made[at:at] = made[at:end] * rng.choice((1, 2, 30))
        else:
            made[at:end] = bytes([rng.choice((0, 9, 32, 48, 127, 255))]) * (end - at)
    return bytes(made)


def change_json(rng: random.Random, data: Any) -> Any:
    """A few entries of a tree replaced, moved, removed, added or counted on."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = data
        while True:
            key = rng.choice(list(at) if isinstance(at, dict) else range(len(at)))
            inner = at[key]
            if not isinstance(inner, dict | list) or not inner or rng.random() < 0.15:
                break
            at = inner
        kind = rng.randrange(6)
        if type(inner) is int and kind < 3:
            at[key] = rng.choice((inner + 1, inner - 1, -inner, 2 * inner, inner // 2, 3 * inner))
        elif kind < 4:
            at[key] = json.loads(json.dumps(rng.choice(HOSTILE)))
        elif isinstance(at, dict):
            at[rng.choice(("bits", "extra", "\x1b", "name"))] = at.pop(key)
        else:
            at.insert(rng.randrange(len(at) + 1), at[key])
        if not data:
            break
    return data


SPECS = {name: (spec.SHIPPED / f"{name}.json").read_bytes() for name in spec.shipped()}


def make_spec(rng: random.Random) -> bytes:
    """A changed spec; three of four are still JSON."""
    data = SPECS[rng.choice(list(SPECS))]
    kind = rng.randrange(10)
    if kind < 2:
        return change_bytes(rng, data)
    if kind > 7:
        return re.sub(rb"-?\b[0-9]+\b", _nudge(rng), data, count=rng.choice((1, 40, 4000)))
    if kind == 2:
        deep = rng.choice((20, 500, 10_000, 200_000))
        return data.replace(b"1", (b"[" * deep + b"]" * deep), rng.choice((1, 2)))
    if kind == 3:
        return data.replace(b'"frac"', rng.choice((b'"bits"', b'"bits": 8, "frac"')), 1)
    tree = json.loads(data)
    if kind == 4:
        tree[rng.choice(("name", "provenance", "detector", "prox"))] = rng.choice(HOSTILE)
        return json.dumps(tree).encode()
    return json.dumps(change_json(rng, tree)).encode()


def _nudge(rng: random.Random) -> Callable[[re.Match[bytes]], bytes]:
    """A few of the integers one more or one less."""
    rare = rng.choice((0.5, 0.02, 0.001))
    return lambda old: b"%d" % (int(old[0]) + (rng.random() < rare) * rng.choice((1, -1)))


def read_spec(path: Path) -> spec.DetectorSpec:
    """Load a spec, or seal it."""
    try:
        return spec.load(path)
    except ValueError:
        return spec.seal(path)


def check_spec(path: Path, made: spec.DetectorSpec) -> None:
    """It keeps its rules, stays in its folder and runs within its formats."""
    assert spec.load(path) == made
    assert not made.common_faults() + made.faults()
    assert program(made).spec == made
    assert path.with_name(f"{made.name}.vec").parent == path.parent
    inputs = Detector(made).quantize(*_drawn(made))
    check_inputs(made, inputs.h, inputs.y, inputs.index)
    formats = family.layer_formats(made)
    for name, wire in family.named(
        made, family.run(made, inputs.h, inputs.y, inputs.index)
    ).items():
        layer, _, short = name.partition(".")
        assert formats[layer][short].allows(wire), name


def _drawn(made: spec.DetectorSpec) -> tuple[Any, Any, Any]:
    drawn = golden.draw(made, 1, 0, None)
    return drawn.h, drawn.y, drawn.snr_db


PGD = spec.load("pgd")
NUMBERS = np.random.default_rng(0)
ARRAYS: dict[str, Any] = {
    "H": NUMBERS.standard_normal((16, 16)) + 1j * NUMBERS.standard_normal((16, 16)),
    "y": NUMBERS.standard_normal((2, 16)) + 1j * NUMBERS.standard_normal((2, 16)),
    "snr_db": np.array([10.0, 12.0]),
}


def make_archive(rng: random.Random) -> bytes:
    """A changed archive: its bytes, a header of an array, or an array's type and values."""
    file, kind = io.BytesIO(), rng.randrange(4)
    victim = rng.choice(list(ARRAYS))
    with zipfile.ZipFile(file, "w", rng.choice((0, 8))) as archive:
        for name, array in ARRAYS.items():
            if name == victim and kind == 1:
                array = _retyped(rng, array)
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=True)
            data = member.getvalue()
            if name == victim and kind == 2:
                data = _reheaded(rng, data)
            elif name == victim and kind == 3:
                data = change_bytes(rng, data)
            archive.writestr(f"{name}.npy", data)
    return change_bytes(rng, file.getvalue()) if kind == 0 else file.getvalue()


def _retyped(rng: random.Random, array: Any) -> Any:
    real = np.resize(np.real(array), rng.choice((array.shape, (1,), (), (2, 3, 16), (0, 16))))
    made = real.astype("f4").astype("i8").astype(rng.choice(DTYPES))
    if made.dtype.kind in "fc" and made.size and rng.random() < 0.5:
        with np.errstate(over="ignore"):
            made.flat[0] = rng.choice((np.nan, np.inf, -1e38, 60_000))
    return made


def _reheaded(rng: random.Random, data: bytes) -> bytes:
    end = data.index(b"\n") + 1
    text = data[10:end].decode("latin-1")
    parts = text.split(": ")
    at = rng.randrange(1, len(parts))
    parts[at] = rng.choice(HEADERS) + parts[at][parts[at].find(",") :]
    header = ": ".join(parts).encode("latin-1")
    return data[:8] + len(header).to_bytes(2, "little") + header + data[end:]


def check_archive(path: Path, made: golden.Stimulus) -> None:
    """It has finite numbers, and integers that the golden model takes."""
    assert made.h.ndim == made.y.ndim == 3
    assert all(np.isfinite(array).all() for array in (made.h, made.y, made.snr_db))
    inputs = Detector(PGD).quantize(made.h, made.y, 10.0, quiet=True)
    check_inputs(PGD, inputs.h, inputs.y, inputs.index)


def _vector_file() -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        stimulus = golden.draw(PGD, 4, 0, None)
        vectors.write(Path(scratch, "v"), golden.run(PGD, "pgd2", stimulus, 0).vectors())
        return Path(scratch, "v").read_bytes()


VECTORS = _vector_file()


def make_vectors(rng: random.Random) -> bytes:
    """A changed vector file: its bytes, a word, or a line."""
    kind, lines = rng.randrange(3), VECTORS.split(b"\n")
    if kind == 0:
        return change_bytes(rng, VECTORS)
    at = rng.choice((rng.randrange(7), rng.randrange(len(lines)), _wire_line(rng, lines)))
    if kind == 1:
        words = lines[at].split(b" ")
        words[rng.randrange(len(words))] = rng.choice(WORDS).encode()
        lines[at] = b" ".join(words)
    elif rng.random() < 0.3:
        del lines[at]
    elif rng.random() < 0.5:
        lines.insert(at, rng.choice(lines))
    else:
        other = rng.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return b"\n".join(lines)


def _wire_line(rng: random.Random, lines: list[bytes]) -> int:
    return rng.choice([i for i, line in enumerate(lines) if line.startswith(b"wire ")])


def check_vectors(path: Path, made: vectors.GoldenVectors) -> None:
    """It has the layer's wires, and the file is what would be written of it."""
    assert set(made.wires) == set(vectors.layout(PGD, made.layer))
    before = path.read_bytes()
    vectors.write(path, made)
    assert path.read_bytes() == before


KINDS: dict[str, Kind] = {
    "spec": Kind(".json", make_spec, read_spec, check_spec),
    "npz": Kind(".npz", make_archive, lambda path: golden.read_input(PGD, path), check_archive),
    "vec": Kind(".vec", make_vectors, lambda path: vectors.read(path, PGD), check_vectors),
}


OF_MODEL = ("checkpoint", "journal", "sealed-journal")
"""The kinds of `tests.fuzz_model`."""


def run(kind: Kind, count: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """How many files were accepted and refused, and what else happened, by the file's number."""
    counted: Counter[str] = Counter()
    failures = []
    for number in range(count):
        data = kind.make(random.Random(f"{seed} {kind.suffix} {number}"))
        path = folder / f"fuzz{kind.suffix}"
        path.write_bytes(data)
        started = time.process_time()
        try:
            outcome = _one(kind, path)
            counted[outcome] += 1
        except Exception:
            failures.append(f"file {number}: {traceback.format_exc()}")
        seconds = time.process_time() - started
        counted["slowest ms"] = max(counted["slowest ms"], round(1000 * seconds))
        if seconds > SECONDS:
            failures.append(f"file {number}: {seconds:.1f} s")
    return counted, failures


def _one(kind: Kind, path: Path) -> str:
    try:
        made = kind.read(path)
    except ValueError as error:
        return "refused" if len(str(error)) < LONGEST_MESSAGE else "refused at length"
    kind.check(path, made)
    return "accepted"


def main(argv: list[str] | None = None) -> int:
    """Exit status 1 if any file was neither refused nor read as it should be."""
    parser = cli.Parser(prog="python -m tests.fuzz_files", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="files of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=[*KINDS, *OF_MODEL], action="append")
    arguments = parser.parse_args(argv)
    kinds = KINDS
    if not set(arguments.kind or OF_MODEL) <= set(KINDS):
        from tests import fuzz_model  # It needs torch, and imports this file.

        kinds = KINDS | fuzz_model.KINDS
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    failed = False
    with tempfile.TemporaryDirectory(prefix="bitfold-fuzz-") as scratch:
        for name in arguments.kind or kinds:
            counted, failures = run(kinds[name], arguments.count, arguments.seed, Path(scratch))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            accepted, refused = counted["accepted"], counted["refused"]
            print(
                f"{name}: {arguments.count} files of seed {arguments.seed}: "
                f"{accepted} accepted, {refused} refused, slowest {counted['slowest ms']} ms, "
                f"peak {peak} MiB, {len(failures)} failures",
                flush=True,
            )
            print("".join(f"{failure}\n" for failure in failures[:20]), end="", flush=True)
            failed |= bool(failures) or not accepted or accepted + refused < arguments.count
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
