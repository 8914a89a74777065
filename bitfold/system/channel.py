# SPDX-License-Identifier: Apache-2.0
"""The tables `[system]` and `[channel]` of a system's file: what is simulated, and what is drawn.

3GPP channels are drawn once, into `DRAWN` of the build's folder, and are a file from then on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bitfold.system import reading
from bitfold.system.tables import DRAWN, SystemTable
from fixedpoint.support.reading import brief
from model.systems.drawing import Drawing
from model.systems.standard import KINDS, Setting
from model.systems.system import CHANNELS, System
from model.systems.text import antennas, text_of

OTHERWISE = {"kind": "channel", "file": "channel_file", "scale": "channel_scale"}
"""Keys of `[channel]` that a `System` calls otherwise."""
OWN = {field.name for field in dataclasses.fields(SystemTable)} | {"nr", "nt", "channel_gain"}
ENTRIES = {field.name: field for field in dataclasses.fields(System) if field.name not in OWN}
SETTING = {name: type(value) for name, value in Setting._field_defaults.items()}
"""Keys of a 3GPP channel, beside draws and seed."""
SIONNA = {**SETTING, "draws": int, "seed": int}
KEYS = (*OTHERWISE, *(name for name in ENTRIES if name not in OTHERWISE.values()), *SIONNA)


def described(
    path: Path, table: SystemTable, channel: Mapping[str, Any]
) -> tuple[System, Drawing | None]:
    """The system of a file, and what is drawn for it; then its channels' file is `DRAWN`.

    Raises `ValueError` that names the file, the table, the key, its value and what was expected.
    """
    where = f"{path}, [channel]"
    reading.known(channel, KEYS, where)
    sizes = _named(path, lambda: antennas(table.antennas))
    kind = channel.get("kind", "")
    drawing, entries = None, {key: value for key, value in channel.items() if key not in SIONNA}
    if isinstance(kind, str) and kind.lower() in KINDS:
        drawing = _drawing(where, kind.lower(), sizes, channel)
        entries |= {"kind": "file", "file": DRAWN}
    elif len(entries) < len(channel):
        key = next(key for key in channel if key in SIONNA)
        raise ValueError(f"{where}, {key} = {brief(channel[key])} with kind = "
                         f"{brief(kind or CHANNELS[0])}: a kind that is drawn was expected, "
                         f"{', '.join(KINDS)}")  # fmt: skip
    system = _system(path, table, sizes, entries)
    if drawing is None and system.channel_file:
        beside = str(path.parent / system.channel_file)
        system = _named(path, lambda: dataclasses.replace(system, channel_file=beside))
    _named(path, lambda: text_of(system))
    return system, drawing


def _drawing(
    where: str, kind: str, sizes: Mapping[str, Any], channel: Mapping[str, Any]
) -> Drawing:
    if "file" in channel:
        raise ValueError(f"{where}, file = {brief(channel['file'])} with kind = {brief(kind)}: a "
                         'build draws these by itself; kind = "file" was expected')  # fmt: skip
    if kind == "umi" and "delay_spread_ns" in channel:
        raise ValueError(f"{where}, delay_spread_ns = {brief(channel['delay_spread_ns'])} with "
                         "kind = 'umi': its users have their own; of tdl and cdl it was expected"
                         )  # fmt: skip
    found = {key: reading.typed(channel[key], SIONNA[key], f"{where}, {key}")
             for key in SIONNA if key in channel}  # fmt: skip
    drawn = {key: found.pop(key) for key in ("draws", "seed") if key in found}
    drawing = Drawing(Setting(kind, sizes["nr"], sizes["nt"], **found), **drawn)
    try:
        drawing.check()
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    return drawing


def _system(
    path: Path, table: SystemTable, sizes: Mapping[str, Any], channel: Mapping[str, Any]
) -> System:
    entries = {}
    for key, value in channel.items():
        field = ENTRIES[OTHERWISE.get(key, key)]
        kind = type(field.default)
        entries[field.name] = reading.typed(value, kind, f"{path}, [channel], {key}")
    own = {key: getattr(table, key) for key in ("modulation", "units", "adc_bits", "quantizer",
                                                "agc")}  # fmt: skip
    return _named(path, lambda: System(**{**sizes, **own, **entries}))


def _named(path: Path, make: Any) -> Any:
    """What a call makes; its `ValueError` with the file and the tables before it."""
    try:
        return make()
    except ValueError as error:
        raise ValueError(f"{path}, [system] or [channel]: {error}") from None
