# SPDX-License-Identifier: Apache-2.0
r"""Block error rates of coded links, with Sionna's code, channels and detectors (extra `sionna`).

    python -m model.link coded --spec admm-box-soft --snr 10:16:1 --words 400
    python -m model.link coded --spec admm-box-soft --rate 0.75 \
        --detectors lmmse kbest:16 golden --json coded.json
    python -m model.link coded --system 64x8-64qam --detectors lmmse ep

Every detector sees the same words, channels and noise. Intervals are 95%: Wilson's of a block error
rate, and for dB between two curves those of resampled words.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fixedpoint.cli import Parser, run
from fixedpoint.support.files import write_text


def main(argv: list[str] | None = None) -> int:
    """Exit status 0; 2 with one line on a user's mistake; 130 after Ctrl-C."""
    made = Parser(
        prog="python -m model.link",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(dest="command", required=True)
    coded = commands.add_parser("coded", help="5G LDPC words over flat fading")
    add = coded.add_argument
    add("--spec", nargs="+", default=[], help="shipped specs or files, of one system")
    add("--system", help="without a spec: such as 16x16-16qam; default that of the specs")
    add("--detectors", nargs="+", metavar="NAME", help="of lmmse, lmmse-hard, kbest:K, ep:L, and of"
        " each spec golden, twin, hard; default lmmse and what the specs have")  # fmt: skip
    add("--snr", default="10:16:1", help="E||Hx||^2/E||n||^2 in dB: such as 12, or 10:16:1")
    add("--rate", type=float, default=0.5, help="of the code (default 0.5)")
    add("--length", type=int, default=1024, help="coded bits of a word, at least (default 1024)")
    add("--words", type=int, default=200, help="code words at each SNR (default 200)")
    add("--seed", type=int, default=0)
    add("--outside", default="clamp", help="an SNR outside a spec's bank: clamp, or error")
    add("--json", type=Path, metavar="FILE", help="write the result as JSON too")
    arguments = made.parse_args(argv)
    return run(lambda: _coded(arguments))


def _coded(arguments: argparse.Namespace) -> int:
    from model.link import command  # needs Sionna, which --help does not

    text, data = command.coded(arguments)
    print(text)
    if arguments.json is not None:
        write_text(arguments.json, data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
