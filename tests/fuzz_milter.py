"""Fuzzes the milter protocol with atheris: `make fuzz`. The first octets of an input say where it is cut into pieces.

Nothing but a ProtocolError may come out of a session, and it is the same wherever the bytes are cut.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["spamlint.hooks"]):
    import milter_client as mta
    from milter_events import events

SEEDS = (
    mta.negotiation() + mta.connection() + mta.message("Hi") + mta.packet(b"A") + mta.message("Two", user=""),
    mta.negotiation(2, mta.V2_ACTIONS, mta.V2_STEPS) + mta.connection("2001:db8::7", b"6") + mta.message("Hi"),
    mta.negotiation() + mta.message("Hi") + mta.packet(b"K") + mta.packet(b"H", b"x\0") + mta.packet(b"Q"),
)
CUTS = 4


def one(data: bytes) -> None:
    """Feeds one input."""
    cuts, rest = [value * 3 for value in data[:CUTS]], data[CUTS:]
    assert events(rest, cuts) == events(rest, [])


def main() -> None:
    """Runs until the time that an argument names is over."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS):
            Path(folder, str(number)).write_bytes(bytes(CUTS) + seed)
        atheris.Setup([*sys.argv, folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
