# SPDX-License-Identifier: Apache-2.0
"""What a search has found so far, a line of JSON each: a killed one goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class Journal:
    """Results by their keys in a file, whose first line says of what search they are.

    Raises `ValueError` if the file is another search's.
    """

    def __init__(self, path: Path, of: Mapping[str, Any]) -> None:
        self.path = path
        head = json.dumps({"search": of}, sort_keys=True)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole = text[: text.rfind("\n") + 1]  # a kill may have torn the last line
        lines = whole.splitlines()
        if lines and lines[0] != head:
            raise ValueError(f"{path} is of another search: another folder was expected")
        self.found: dict[str, Any] = dict(json.loads(line) for line in lines[1:])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(whole or head + "\n", encoding="utf-8")

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """A result, which is made if it is not known; JSON's kinds."""
        if key not in self.found:
            self.found[key] = made = make()
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, made]) + "\n")
        return self.found[key]
