"""The header fields that a decision takes out of a message and puts in, in the bytes of the message.

Fields are found as the rules see them, by the reader in `mime`. Fields of our own that come in with a message are not
ours: whoever wrote them wants a verdict to be believed, so that they are always taken out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from spamlint.guard.decision import Decision
from spamlint.limits import DEFAULT_LIMITS
from spamlint.mime import top_block
from spamlint.source import Source

PREFIX = "X-Spamlint-"
VERDICT, SCORE, RULES, REPORT = (PREFIX + name for name in ("Verdict", "Score", "Rules", "Report"))
OVERRIDE = PREFIX + "Override"
MOST_OWN = 500
"""Fields of our own that one message may come with; one with more is over the limit."""

_LINE_START = rb"(?:\A|(?<=[\r\n]))"
_OWN = re.compile(_LINE_START + rb"(x-spamlint-[!-9;-~]*)[ \t]*:", re.IGNORECASE)
_FIELD_END = re.compile(rb"\r\n(?![ \t])|\r(?![ \t\n])|\n(?![ \t])|\Z")
_FOLD = re.compile(rb"[\r\n]+")
_LINE_ENDS = re.compile(rb"\r\n?")


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a message came with that is addressed to us."""

    remove: tuple[tuple[str, int], ...] = ()
    """The fields with a name of ours: name, and which one of that name, from 1."""
    overrides: tuple[str, ...] = ()
    """The unfolded values of those that ask for an override."""
    body_digest: str = ""
    """Of the body, where an override is asked for."""
    is_over_limit: bool = False
    """Whether there are more fields of ours than are taken out."""


@dataclass(frozen=True, slots=True)
class _Region:
    """Where the header fields of a message lie in its bytes, and where its body starts."""

    start: int
    end: int
    body: int


def incoming(data: bytes) -> Incoming:
    """What of the header of the message in `data` is addressed to us."""
    region = _region(data)
    remove: list[tuple[str, int]] = []
    overrides: list[str] = []
    for name, number, _, value, end in _found(data, region, _OWN):
        if len(remove) == MOST_OWN:
            return Incoming(tuple(remove), is_over_limit=True)
        remove.append((name, number))
        if name.lower() == OVERRIDE.lower():
            unfolded = _FOLD.sub(b"", data[value:end])
            overrides.append(unfolded.decode("utf-8", "replace").strip())
    digest = body_digest(data[region.body :]) if overrides else ""
    return Incoming(tuple(remove), tuple(overrides), digest)


def own(data: bytes) -> tuple[tuple[str, int], ...]:
    """The fields of ours, up to the limit, in the header of the message in `data`, as a decision takes them out."""
    found = islice(_found(data, _region(data), _OWN), MOST_OWN)
    return tuple((name, number) for name, number, *_ in found)


def named(data: bytes, names: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """The fields of those names in the header of the message in `data`, as a decision takes them out."""
    joined = b"|".join(re.escape(name.encode("ascii")) for name in names)
    wanted = re.compile(_LINE_START + b"(" + joined + rb")[ \t]*:", re.IGNORECASE)
    return tuple((name, number) for name, number, *_ in _found(data, _region(data), wanted))


def body_of(data: bytes) -> bytes:
    """The body of the message in `data`."""
    return data[_region(data).body :]


def body_digest(body: bytes) -> str:
    """SHA-256 of a body, whatever its line ends and however many blank lines it ends with."""
    return hashlib.sha256(_LINE_ENDS.sub(b"\n", body).rstrip(b"\n")).hexdigest()


def applied(data: bytes, decision: Decision) -> bytes:
    """`data` with the header fields of `decision`; every other byte stays as it is."""
    end = "\r\n" if b"\r\n" in data[: data.find(b"\n") + 1] else "\n"
    added = "".join(f"{name}: {value}{end}" for name, value in decision.add)
    if not decision.remove:
        return added.encode("ascii") + data
    kept = b"".join(_kept(data, {(name.lower(), number) for name, number in decision.remove}))
    if not added and kept[:1] in (b"\r", b"\n") and data[:1] not in (b"\r", b"\n"):
        # Without any field, what some readers take for the header is the start of the body, which was judged as such.
        added = f"{REPORT}: {decision.report_id}{end}"
    return added.encode("ascii") + kept


def _kept(data: bytes, unwanted: set[tuple[str, int]]) -> Iterator[bytes]:
    """The pieces of `data` between those header fields: lower-case name, and which one of that name."""
    names = b"|".join(re.escape(name.encode("ascii")) for name in sorted({name for name, _ in unwanted}))
    wanted = re.compile(_LINE_START + b"(" + names + rb")[ \t]*:", re.IGNORECASE)
    at, left = 0, set(unwanted)
    for name, number, start, _, end in _found(data, _region(data), wanted):
        if (name.lower(), number) not in left:
            continue
        # Behind a lone CR the field may be the rest of a line for others: its line end then belongs to that line.
        is_rest = data[start - 1 : start] == b"\r"
        yield data[at : start - 1 if is_rest else start]
        at = end if is_rest else _line_end(data, end)
        left.discard((name.lower(), number))
        if not left:
            break
    yield data[at:]


def _found(data: bytes, region: _Region, names: re.Pattern[bytes]) -> Iterator[tuple[str, int, int, int, int]]:
    """The fields of those names: name, which one of it, and the offsets of its start, its value and its end."""
    numbers: dict[str, int] = {}
    # The look-behind sees what stands before the region, which is a line end or the start of the data.
    for match in names.finditer(data, region.start, region.end):
        name = match[1].decode("ascii")
        numbers[name.lower()] = number = numbers.get(name.lower(), 0) + 1
        stop = _FIELD_END.search(data, match.end(), region.end)
        yield name, number, match.start(), match.end(), stop.start() if stop else region.end


def _line_end(data: bytes, end: int) -> int:
    """Where the line starts that follows the line end at `end`."""
    if data.startswith(b"\r\n", end):
        return end + 2
    return end + 1 if data[end : end + 1] in (b"\r", b"\n") else end


def _region(data: bytes) -> _Region:
    block = top_block(Source("", data), DEFAULT_LIMITS)
    return _Region(block.headers[0].start if block.headers else block.end, block.end, block.body)
