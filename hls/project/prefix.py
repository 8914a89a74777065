# SPDX-License-Identifier: Apache-2.0
"""Names of an emission that no other one has: two specs in one design, in one C++ program.

Modules, packages, `.mem` files and the C++ namespace get a prefix when they are emitted; the
sources here have none. A text is read as a row of tokens, so that comments, strings, ports and
signals of the same name stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.reading import brief

NAMESPACE = "bitfold"
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)|(?P<text>"(?:\\.|[^"\\\n])*")|[`$.]?\w+|.""", re.DOTALL
)
"""Space and comments; a string; a word with what makes it a macro, a task or a port; a sign."""


def default(spec: DetectorSpec) -> str:
    """The spec's name with `_` for what no identifier has: `my_net_16qam`."""
    name = re.sub(r"[\W_]+", "_", spec.name, flags=re.ASCII)
    return (name if name[0].isalpha() else f"spec_{name}")[:64].strip("_")


def check(prefix: str) -> str:
    """The prefix itself. Raises `ValueError` if it is no identifier of SystemVerilog and C++.

    Two underscores in a row and one at the end, which C++ keeps for itself, are refused too.
    """
    if not IDENTIFIER.fullmatch(prefix) or "__" in prefix or prefix.endswith("_"):
        raise ValueError(
            f"prefix {brief(prefix)}: an identifier was expected, a letter and then up to 63 "
            "letters, digits and single _, none at the end"
        )
    return prefix


def systemverilog(
    text: str,
    prefix: str,
    modules: Collection[str],
    packages: Collection[str],
    files: Collection[str],
) -> str:
    """A source whose modules, packages and `.mem` files, if they are among these, have the prefix.

    A word is a module's name where it is declared or instantiated, and a package's where it is
    declared or stands before `::`; a string that is a file's name is that file.
    """

    def named(token: str, before: str, after: Sequence[str]) -> bool:
        if token in packages:
            return before == "package" or after[:2] == [":", ":"]
        instance = after[0] == "#" or (_is_word(after[0]) and after[1] in ("(", "["))
        return token in modules and (before == "module" or instance)

    return _renamed(text, prefix, named, files)


def cpp(text: str, prefix: str) -> str:
    """A source whose namespace `bitfold` has the prefix."""

    def named(token: str, before: str, after: Sequence[str]) -> bool:
        return token == NAMESPACE and (before == "namespace" or after[:2] == [":", ":"])

    return _renamed(text, prefix, named, ())


def _renamed(
    text: str,
    prefix: str,
    named: Callable[[str, str, Sequence[str]], bool],
    files: Collection[str],
) -> str:
    """`named` is asked about each word, with the token before it and the two behind it."""
    tokens = list(TOKEN.finditer(text))
    told = [i for i, token in enumerate(tokens) if token["blank"] is None]
    words = ["", *(tokens[i][0] for i in told), "", ""]
    result = [token[0] for token in tokens]
    for place, i in enumerate(told, 1):
        word = words[place]
        if tokens[i]["text"] is not None:
            if word[1:-1] in files:
                result[i] = f'"{prefix}_{word[1:-1]}"'
        elif named(word, words[place - 1], words[place + 1 : place + 3]):
            result[i] = f"{prefix}_{word}"
    return "".join(result)


def _is_word(token: str) -> bool:
    return re.fullmatch(r"\w+", token) is not None
