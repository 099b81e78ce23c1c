"""What clients of spamd send, and how they read what it answers: written anew after what each of them does."""

from __future__ import annotations

import re
from typing import NamedTuple

HEAD = re.compile(rb"SPAMD/(\S+) (\d+) ([^\r\n]*)\r\n")

_MAILPIT_STATUS = re.compile(r"(.+)/(.+) (\d+) (.+)")
_MAILPIT_VERDICT = re.compile(r"^Spam: (.+) ; (.+) . (.+)$")
_MAILPIT_RULE = re.compile(r"^\s?(-?[0-9.]+)\s([a-zA-Z0-9_]*)(\W*)(.*)")
_HARAKA_VERDICT = re.compile(r"Spam: (True|False) ; (-?\d+\.\d) / (-?\d+\.\d)")
_HARAKA_FIELD = re.compile(r"^X-Spam-([\x21-\x39\x3B-\x7E]+):\s*(.*)")
_HARAKA_TESTS = re.compile(r"tests=((?:(?!autolearn)[^ ])+)")
_EXIM_OLD = re.compile(rb"SPAMD/\S{1,7} 0 EX_OK\s+Spam: \S+ ; ([0-9.]+) / ([0-9.]+)\s+")
_EXIM_BUFFER = 32_600


def request(verb: str, body: bytes = b"", version: str = "1.5", *fields: str, length: int | None = None) -> bytes:
    """A request with its length."""
    size = len(body) if length is None else length
    head = "".join(f"{field}\r\n" for field in (f"{verb} SPAMC/{version}", f"Content-length: {size}", *fields))
    return head.encode() + b"\r\n" + body


def haraka_request(body: bytes) -> bytes:
    """What Haraka sends: no length, and two fields of its own."""
    own = b"X-Envelope-From: a@client.example\r\nX-Haraka-UUID: 0A1B.1\r\n"
    return b"HEADERS SPAMC/1.4\r\nUser: default\r\n\r\n" + own + body


class Mailpit(NamedTuple):
    code: int
    message: str
    score: float
    rules: list[tuple[str, str, str]]


def mailpit(reply: bytes) -> Mailpit:
    """What Mailpit makes of a reply to REPORT."""
    lines = [line.rstrip(" \t\r\n") for line in reply.decode().splitlines()]
    code, message, score, rules, has_rules = -1, "", -1.0, list[tuple[str, str, str]](), False
    for row in "\n".join(lines).replace("\n" + " " * 28, " ").split("\n"):
        if found := _MAILPIT_STATUS.search(row):
            code, message = int(found[3]), found[4]
        elif found := _MAILPIT_VERDICT.search(row):
            score = float(found[2])
        elif row.startswith("Content analysis details"):
            has_rules = True
        elif has_rules and (found := _MAILPIT_RULE.search(row)):
            rules.append((found[1], found[2], found[4]))
    return Mailpit(code, message, score, rules)


class Haraka(NamedTuple):
    flag: str
    score: str
    required: str
    tests: list[str]
    fields: dict[str, str]


def haraka(reply: bytes) -> Haraka:
    """What Haraka makes of a reply to HEADERS."""
    _, *lines = reply.decode().split("\n")
    head = lines[: next(number for number, line in enumerate(lines) if not line.strip())]
    verdict = next(found for line in head if (found := _HARAKA_VERDICT.search(line)))
    fields: dict[str, str] = {}
    last = ""
    for line in lines[len(head) + 1 :]:
        if found := _HARAKA_FIELD.match(line.removesuffix("\r")):
            last = found[1]
            fields[last] = found[2]
        elif last and re.match(r"\s+\S", line):
            fields[last] += "\r\n" + line.removesuffix("\r")
        else:
            last = ""
    status = re.sub(r"\r?\n\t", "", fields.get("Status", ""))
    tests = _HARAKA_TESTS.search(status)
    return Haraka(verdict[1], verdict[2], verdict[3], tests[1].split(",") if tests else [], fields)


class Exim(NamedTuple):
    score: float
    threshold: float
    report: str


def exim(reply: bytes) -> Exim:
    """What Exim 4.96 makes of a reply to its REPORT in version 1.2; it reads no more than a buffer of it."""
    assert len(reply) < _EXIM_BUFFER
    found = _EXIM_OLD.match(reply)
    assert found is not None, reply[:200]
    return Exim(float(found[1]), float(found[2]), reply[found.end() :].decode())
