# SPDX-License-Identifier: Apache-2.0
"""docs/own-detector.md, all of it: its definition is written to a file, its commands are run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/own-detector.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    commands = re.findall(r"^    python -m (.*)$", PAGE, re.MULTILINE)
    assert len(commands) >= 11
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    shown = ""
    for command in commands:
        done = subprocess.run([sys.executable, "-m", *command.split()], cwd=tmp_path, text=True,
                              env=environment, capture_output=True, check=False)  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}{done.stdout[-1000:]}"
        shown += done.stdout
    assert shown.count("equal: 0 of") == 4
    assert (tmp_path / "emitted/firmware/bitfold_program.hpp").is_file()


def test_the_refusal_that_the_page_quotes_is_what_is_said(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    wrong = code.replace("(accumulator * step - y)", "(accumulator * step - before)")
    (tmp_path / "mine.py").write_text(wrong, encoding="utf-8")
    command = ["fixedpoint.spec", "new", "--detector", "mine.py", "--out", "mine.json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, text=True,
                          env=environment, capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 2
    (quoted,) = re.findall(r"^    (mine\.py:.*)$", PAGE, re.MULTILINE)
    assert quoted in done.stderr
