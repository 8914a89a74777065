# SPDX-License-Identifier: Apache-2.0
"""JUnit XML of the regression: a suite for each configuration, a case for each expected test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from fixedpoint.support.files import write_bytes
from verification.regression.verdict import Verdict


def write(path: Path, verdicts: Sequence[Verdict], seed: int) -> None:
    """Write the file whole or not at all; `ValueError` if the path is not writable."""
    root = ElementTree.Element("testsuites", name="bitfold cocotb regression")
    for verdict in verdicts:
        root.append(_suite(verdict, seed))
    for count in ("tests", "failures"):
        root.set(count, str(sum(int(suite.get(count, 0)) for suite in root)))
    ElementTree.indent(root)
    write_bytes(path, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _suite(verdict: Verdict, seed: int) -> ElementTree.Element:
    configuration, cases = verdict.outcome.configuration, verdict.cases
    suite = ElementTree.Element(
        "testsuite",
        name=configuration.name,
        tests=str(len(cases)),
        failures=str(sum(1 for case in cases if case.failure)),
        time=f"{verdict.outcome.seconds:.3f}",
    )
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("seed", seed), ("integers", verdict.integers), ("cycles", verdict.cycles)):
        ElementTree.SubElement(properties, "property", name=name, value=str(value))
    for case in cases:
        classname = f"verification.{configuration.bench}.{configuration.name}"
        element = ElementTree.SubElement(
            suite, "testcase", name=case.name, classname=classname, time=f"{case.seconds:.3f}"
        )
        if case.failure:
            lines = case.failure.splitlines()
            failure = ElementTree.SubElement(element, "failure", message=lines[0])
            failure.text = case.failure
    return suite
