# SPDX-License-Identifier: Apache-2.0
r"""Block error rates of coded links, with Sionna's code, channels and detectors (extra `sionna`).

    python -m model.link coded --spec admm-box-soft --snr 10:16:1 --words 400
    python -m model.link coded --spec admm-box-soft --rate 0.75 \
        --detectors lmmse kbest:16 golden --json coded.json
    python -m model.link coded --system 64x8-64qam --detectors lmmse ep
    python -m model.link pusch --spec my.json --channel cdl-c --slots 200

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
    add("--system", help="such as 16x16-16qam:receive_correlation=0.7; default that of the specs")
    add("--detectors", nargs="+", metavar="NAME", help="of lmmse, lmmse-hard, kbest:K, ep:L, and of"
        " each spec golden, twin, hard; default lmmse and what the specs have")  # fmt: skip
    add("--snr", default="10:16:1", help="E||Hx||^2/E||n||^2 in dB: such as 12, or 10:16:1")
    add("--rate", type=float, default=0.5, help="of the code (default 0.5)")
    add("--length", type=int, default=1024, help="coded bits of a word, at least (default 1024)")
    add("--words", type=int, default=200, help="code words at each SNR (default 200)")
    add("--seed", type=int, default=0)
    add("--outside", default="clamp", help="an SNR outside a spec's bank: clamp, or error")
    add("--json", type=Path, metavar="FILE", help="write the result as JSON too")
    _pusch(commands.add_parser("pusch", help="5G PUSCH slots with estimated channels"))
    arguments = made.parse_args(argv)
    return run(lambda: _done(arguments))


def _pusch(parser: argparse.ArgumentParser) -> None:
    """The options of the command `pusch`."""
    add = parser.add_argument
    add("--spec", required=True, help="with soft bits, of at most 8 streams: each is a user")
    add("--channel", default="cdl-c", help="tdl-a, tdl-b, tdl-c, cdl-a, cdl-b, cdl-c")
    add("--snr", default="4:12:2", help="users over noise at an antenna, in dB")
    add("--slots", type=int, default=200, help="at each SNR (default 200)")
    add("--resource-blocks", type=int, default=4, help="of 12 subcarriers (default 4)")
    add("--mcs", type=int, help="of table 1; default 5, 12 or 20 by the spec's modulation")
    add("--group", type=int, nargs="+", default=[1], metavar="N",
        help="subcarriers that share a preparation (default 1); same slots for each")  # fmt: skip
    add("--seed", type=int, default=0)
    add("--json", type=Path, metavar="FILE", help="write the result as JSON too")


def _done(arguments: argparse.Namespace) -> int:
    from model.link import command, slots  # need Sionna, which --help does not

    asked = command.coded if arguments.command == "coded" else slots.pusch
    text, data = asked(arguments)
    print(text)
    if arguments.json is not None:
        write_text(arguments.json, data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
