"""What goes between the guard and a worker: the bytes of a message one way, the report on it the other.

A worker handles hostile mail, so what it says is not trusted: an answer can become a report and nothing else.
"""

from __future__ import annotations

import io
import pickle
from typing import NamedTuple

from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import Incoming
from spamlint.guard.judge import Judged
from spamlint.report import data as reports
from spamlint.report.data import FileReport
from spamlint.source import Place, RawPlace
from spamlint.verdict import RuleError, Skipped, TopicScore

HEAD = 8
"""Bytes that say how many follow."""
MOST_ANSWER = 32 * 1024 * 1024
"""Bytes of one answer; a longer one is garbage."""

_QUERY = 4
REQUEST = _QUERY + HEAD

_ALLOWED = {
    (kind.__module__, kind.__qualname__): kind
    for kind in (
        Judged, Incoming, FileReport, reports.FindingReport, reports.Sheet, reports.Preview, Place, RawPlace,
        TopicScore, RuleError, Skipped,
    )
}  # fmt: skip
_BROKEN = (
    pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, TypeError, ValueError, OverflowError,
    MemoryError, RecursionError, AssertionError,
)  # fmt: skip
"""What the pickle module can raise on bytes that are no pickle."""


class Answer(NamedTuple):
    """What a worker says: its judgement, or None where memory did not suffice; and how many bytes it has grown by."""

    judged: Judged | None
    grown: int


class GarbageError(ValueError):
    """Bytes that no working worker sends."""


def request(envelope: Envelope, size: int) -> bytes:
    """What goes before a message of `size` bytes."""
    query = pickle.dumps(envelope, pickle.HIGHEST_PROTOCOL)
    return len(query).to_bytes(_QUERY, "big") + size.to_bytes(HEAD, "big") + query


def requested(head: bytes) -> tuple[int, int]:
    """How many bytes of a query and of a message follow."""
    return int.from_bytes(head[:_QUERY], "big"), int.from_bytes(head[_QUERY:], "big")


def envelope_in(query: bytes) -> Envelope:
    """The envelope of the message that follows."""
    envelope = pickle.loads(query)  # noqa: S301 - the guard speaks, not the worker
    assert isinstance(envelope, Envelope)
    return envelope


def framed(payload: bytes) -> bytes:
    """`payload` with its length before it."""
    return len(payload).to_bytes(HEAD, "big") + payload


def packed(answer: Answer) -> bytes:
    """`answer` as a worker sends it."""
    return framed(pickle.dumps((answer.judged, answer.grown), pickle.HIGHEST_PROTOCOL))


def size_of(data: bytes | bytearray) -> int | None:
    """The number of bytes, head included, of the answer that `data` begins; None where more is needed to know."""
    if len(data) < HEAD:
        return None
    size = int.from_bytes(data[:HEAD], "big")
    if size > MOST_ANSWER:
        raise GarbageError("an answer of more bytes than any has")
    return HEAD + size


def unpacked(payload: bytes | bytearray) -> Answer:
    """The answer in `payload`; GarbageError where it is none."""
    try:
        judged, grown = _Answers(io.BytesIO(payload)).load()
    except _BROKEN:
        raise GarbageError("an answer that cannot be read") from None
    if not (judged is None or type(judged) is Judged) or type(grown) is not int:
        raise GarbageError("an answer of another kind")
    return Answer(judged, grown)


class _Answers(pickle.Unpickler):
    """Makes the dataclasses of a report, and knows nothing else."""

    def find_class(self, module: str, name: str) -> type:
        kind = _ALLOWED.get((module, name))
        if kind is None:
            raise GarbageError(f"{module}.{name} is no part of a report")
        return kind
