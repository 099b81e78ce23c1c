"""Fuzzes the spamd protocol with atheris: `make fuzz`. The first octets of an input say where it is cut into pieces.

Whatever comes gives a request or a problem, the same wherever it is cut, and no more is kept than is allowed.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["spamlint.hooks"]):
    from spamd_client import request

    from spamlint.hooks.spamd.codec import MOST_HEAD, Decoder, Problem, Request

SEEDS = (
    request("REPORT", b"Subject: hi\r\n\r\nHello\r\n", "1.2", "User: me"),
    request("CHECK", b"mail", "1.5", "Compress: zlib"),
    b"PING SPAMC/1.5\r\n\r\n",
    b"HEADERS SPAMC/1.4\r\n\r\nSubject: hi\r\n",
)
CUTS, MOST = 4, 500


def decoded(data: bytes, cuts: list[int]) -> Request | Problem | None:
    """What comes out of `data` fed in pieces."""
    decoder = Decoder(MOST)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(edges):
        decoder.feed(data[begin:end])
        assert decoder.held <= MOST_HEAD + MOST + end - begin
    decoder.end()
    assert decoder.done is not None
    return decoder.done


def one(data: bytes) -> None:
    """Feeds one input."""
    cuts, rest = [value * 3 for value in data[:CUTS]], data[CUTS:]
    assert decoded(rest, cuts) == decoded(rest, [])


def main() -> None:
    """Runs until the time that an argument names is over."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS):
            Path(folder, str(number)).write_bytes(bytes(CUTS) + seed)
        atheris.Setup([*sys.argv, folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
