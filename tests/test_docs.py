# SPDX-License-Identifier: Apache-2.0
"""docs/ as a site, and what a stranger reads first: the README."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from fixedpoint.detectors.registry import program
from fixedpoint.receivers import family
from hls.cases import find

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README", *(f"docs/{name}" for name in ("index", "glossary", "notation", "own-system",
                                                "own-detector")))  # fmt: skip
MOST_LINES, MOST_CHARACTERS = 200, 120


def site(folder: Path, config: Path = ROOT / "mkdocs.yml") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config),
               "--site-dir", str(folder)]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_site_is_built_without_a_warning_and_asks_no_other_host(tmp_path: Path) -> None:
    done = site(tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        found = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?://[^"]+)"',
                           page.read_text(encoding="utf-8"))  # fmt: skip
        assert not [url for url in found if "rel=canonical" not in url], page


def test_a_link_that_leads_nowhere_fails_the_site(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# A page\n\n[there](nowhere.md)\n", encoding="utf-8")
    text = re.sub(r"^nav:\n(?: .*\n)+", "", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"),
                  flags=re.MULTILINE)  # fmt: skip
    (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
    done = site(tmp_path / "site", tmp_path / "mkdocs.yml")
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert len(README.splitlines()) <= MOST_LINES
    links = re.findall(r"\]\(([^)#]+)(?:#[\w-]+)?\)", README)
    assert len(links) > 15
    for link in links:
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize("command", sorted(set(re.findall(r"python -m ([\w.]+)", README))))
def test_every_command_of_the_readme_is_one(command: str) -> None:
    path = ROOT / command.replace(".", "/")
    assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_the_python_of_the_readme_runs() -> None:
    """On vectors whose H and symbols are as the table below it says."""
    *_, code = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    spec, rng = find("admm-kaq").spec, np.random.default_rng(0)
    users, vectors = spec.columns // 2, 200
    draws = rng.normal(size=(2, vectors, spec.rows // 2, users)) / np.sqrt(spec.rows)
    sent = rng.choice([-3, -1, 1, 3], size=(2, vectors, users))
    h, x = draws[0] + 1j * draws[1], sent[0] + 1j * sent[1]
    given = {"H": h, "y": np.einsum("gmn,gn->gm", h, x), "snr_db": 30.0}
    ours, others = code.split("# of other")
    exec(ours, given)
    right = spec.constellation.gray((np.concatenate(sent, axis=-1) + 3) // 2)
    bits = np.asarray(given["bits"]).reshape(vectors, users, 2, 2)
    shaped = right.reshape(vectors, 2, users, 2).swapaxes(1, 2)
    assert np.mean(bits != shaped) < 0.05
    given |= {"y": given["y"] / np.sqrt(10)}  # symbols of unit energy
    exec("from fixedpoint import Detector\n# of other" + others, given)
    assert np.asarray(given["bits"]).size == bits.size


def test_the_detector_of_the_readme_is_one(tmp_path: Path) -> None:
    code, *_ = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    whole = (ROOT / "docs/own-detector.md").read_text(encoding="utf-8")
    [own] = re.findall(r"^```python\n(.*?)^```", whole, re.MULTILINE | re.DOTALL)
    first, last = own.index("        before = "), own.index("DETECTOR = ")
    text = own[:first] + textwrap.indent(code, " " * 8) + "\n\n" + own[last:]
    text = re.sub(r', "beta": \[[^]]*\]', "", text)
    text = re.sub(r'\n *"beta": Format.*', "", text).replace(', spec.constant("beta")', "")
    (tmp_path / "mine.py").write_text(text.replace("eta, beta, box", "eta, box"), encoding="utf-8")
    command = [sys.executable, "-m", "fixedpoint.spec", "new", "--detector", "mine.py",
               "--out", "mine.json"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine.json").is_file()


@pytest.mark.parametrize("page", PAGES)
def test_lines_of_paragraphs_are_short(page: str) -> None:
    text = (ROOT / f"{page}.md").read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not [line for line in text.splitlines()
                if len(line) > MOST_CHARACTERS and not line.startswith(("|", "    "))]  # fmt: skip


def test_wires_of_the_notation_are_those_of_the_definitions() -> None:
    page = (ROOT / "docs/notation.md").read_text(encoding="utf-8")
    wires = {wire for name in ("pgd", "admm-box", "hpd-16qam-2bit", "fpd-16qam-2bit")
             for formats in family.layer_formats(find(name).spec).values()
             for wire in formats}  # fmt: skip
    cells = re.findall(r"\bwires? ((?:(?!times|constant)[^|])*)", page)
    named = set(re.findall(r"`(\w+)`", "".join(cells))) - {"adc"}
    assert len(named) > 15
    assert named <= wires
    assert program(find("pgd").spec).layer.wires.keys() - {"bits"} <= named
