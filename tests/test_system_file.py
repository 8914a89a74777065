# SPDX-License-Identifier: Apache-2.0
"""The file of a system: every key checked, and the commented one that is written to start from."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bitfold.system import channel, start
from bitfold.system.description import load
from fixedpoint.numbers.format import Format

ROOT = Path(__file__).parent.parent
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_to_start_from_says_the_defaults(tmp_path: Path) -> None:
    plain = load(written(tmp_path, ""))
    commented = load(written(tmp_path, start.text("mine", "mine.toml")))
    assert commented == plain
    assert (plain.name, plain.system.nr, plain.system.modulation) == ("mine", 8, "16qam")


def test_the_file_to_start_from_names_every_key_of_the_channel() -> None:
    text = start.text("mine", "mine.toml")
    table = text[text.index("[channel]") : text.index("[snr]")]
    named = set(re.findall(r"^(?:# )?(\w+) = ", table, re.MULTILINE))
    assert named >= set(channel.KEYS) - {"vectors", "scale"}
    tomllib.loads(re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE))


def test_a_file_becomes_a_system(tmp_path: Path) -> None:
    made = load(written(tmp_path, """
name = "hall"
[system]
antennas = "12x7"
modulation = "64qam"
[channel]
kind = "rician"
rician_k_db = 6
[words]
state = "14.9"
[compare]
rtl = 10
"""))  # fmt: skip
    assert (made.name, made.system.nr, made.system.nt) == ("hall", 12, 7)
    assert (made.system.channel, made.system.rician_k_db) == ("rician", 6.0)
    assert made.formats == {"state": Format(14, 9)}
    assert (made.compare.rtl, made.compare.csim) == (10, 2000)


def test_a_digest_follows_the_tables_that_it_is_of(tmp_path: Path) -> None:
    one = load(written(tmp_path, "[compare]\nrtl = 10"))
    other = load(written(tmp_path, "[compare]\nrtl = 11"))
    assert one.digest("system", "detector") == other.digest("system", "detector")
    assert one.digest("compare") != other.digest("compare")


def test_an_edited_definition_changes_the_digest(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    path = written(tmp_path, '[detector]\nname = ""\nfile = "own.py"')
    digests = []
    for text in ("A = 1\n", "A = 2\n"):
        own.write_text(text)
        digests.append(load(path).digest("detector"))
    assert digests[0] != digests[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sytem]", "table or key 'sytem' is unknown; did you mean 'system'?"),
        ('[system]\nmodulaton = "16qam"', "key 'modulaton' is unknown; did you mean 'modulation'?"),
        ('[system]\nmodulation = "17qam"', "modulation '17qam' is not one of qpsk, 16qam, 64qam"),
        ('[system]\nantennas = "8by8"', "antennas '8by8': receive antennas x users, 64x8 say"),
        ('[system]\nantennas = "99999x1"', "nr 99999 is above"),
        ('[system]\nunits = "two"', "[system], units = 'two': an integer was expected"),
        ("[system]\nunits = 3", "units 3 do not divide 8 antennas"),
        ("[system]\nadc_bits = 9", "adc_bits 9 is not 1 to 4"),
        ('[channel]\nkind = "fog"', "channel 'fog' is not one of iid"),
        ('[channel]\nkind = "CDL-C"\ndraws = 3', "[channel]: 3 draws: at least 20 were expected"),
        ('[channel]\nkind = "cdl-c"\ndraws = 10000000', "[channel]: 10000000 draws: at most"),
        ('[channel]\nkind = "cdl-c"\nseed = -1', "[channel]: seed -1: 0 to 10^18 - 1"),
        ('[channel]\nkind = "cdl-c"\nfile = "a.npz"', "file = 'a.npz' with kind = 'cdl-c'"),
        ('[channel]\nkind = "cdl-f"', "channel 'cdl-f' is not one of iid"),
        ('[channel]\nkind = "umi"\ndelay_spread_ns = 9', "delay_spread_ns = 9 with kind = 'umi'"),
        ('[channel]\nkind = "tdl-a"\ncarrier_ghz = "3"', "carrier_ghz = '3': a number"),
        ('[channel]\nkind = "tdl-a"\ncarrier_ghz = 3000', "carrier_ghz 3000.0 is outside 0.5"),
        ("[channel]\nsubcarriers = 4", "subcarriers = 4 with kind = 'iid': a kind that is drawn"),
        ("[channel]\nrho = 1.0", "key 'rho' is unknown"),
        ("[channel]\nreceive_correlation = 1.0", "receive correlation 1.0 is outside"),
        ('[channel]\nkind = "file"', "channel_file"),
        ("[channel]\ncsi_error = -1.0", "csi_error -1.0 is not a number >= 0"),
        ('[detector]\nname = ""', "neither of name and file"),
        ('[detector]\nname = ""\nfile = "no.py"', "there is no file"),
        ('[words]\nmode = "best"', "mode = 'best': given or auto was expected"),
        ("[words]\nstate = 12", "state = 12: a format"),
        ('[words]\nstate = "1.0"', "bits 1 is outside 2 to 63"),
        ("[words]\nloss_db = 0", "loss_db 0.0 above 0"),
        ("[compare]\nrtl = 0", "rtl = 0: 1 to 10^9 was expected"),
        ("[compare]\nrtl = 100000000000", "1 to 10^9 was expected"),
        ("[hardware]\nlanes = -1", "lanes -1"),
        ("[hardware]\nslots = 65", "slots = 65: 0 (enough for the lanes) or 1 to 64 was"),
        ("[hardware]\nslots = -1", "slots = -1: 0"),
        ("[hardware]\nslots = 2.5", "slots = 2.5: an integer was expected"),
        ("[hardware]\npacked = 1", "packed = 1: true or false was expected"),
        ("compare = 3", "compare = 3: the table [compare] was expected"),
        ('name = "a/b"', "name = 'a/b': 1 to 80 letters"),
        ("[system", "not readable as TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=re.escape(said)) as found:
        load(path)
    assert str(path) in str(found.value)
    assert "\n" not in str(found.value)


def bitfold(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bitfold", *words], cwd=folder, env=HERE,
                          capture_output=True, text=True, check=False)  # fmt: skip


def test_the_command_writes_a_file_once(tmp_path: Path) -> None:
    done = bitfold(tmp_path, "new", "hall.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert load(tmp_path / "hall.toml").name == "hall"
    again = bitfold(tmp_path, "new", "hall.toml")
    assert again.returncode == 2
    assert again.stderr == "error: hall.toml is there already: another name was expected\n"
    missing = bitfold(tmp_path, "build", "no.toml")
    assert missing.returncode == 2
    assert missing.stderr.startswith("error: no.toml: no such file; `bitfold new FILE` writes one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hall.toml"]
