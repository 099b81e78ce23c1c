"""Questions to the DNS, each answered once: with time-outs, a budget for all of them, and a recorded snapshot.

A question never raises. What goes wrong is the status of its answer, so that what is not known is told and never taken
for a pass.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from spamlint.errors import ConfigError

if TYPE_CHECKING:
    from dns.resolver import Answer as Resolved
    from dns.resolver import Resolver

Kind: TypeAlias = Literal["A", "AAAA", "MX", "TXT", "PTR", "CNAME", "NS", "SPF"]
Status: TypeAlias = Literal[
    "ok", "no-data", "no-such-name", "server-failure", "refused", "timeout", "unreachable", "malformed", "bad-name",
    "too-large", "not-recorded",
]  # fmt: skip
Question: TypeAlias = tuple[str, Kind]

ABSENT: frozenset[Status] = frozenset({"no-data", "no-such-name"})
"""The record is known not to be there."""
MOST_RECORDS = 100
"""Records of one answer that are read."""
MOST_TEXT = 65_536
"""Characters of one answer that are read."""
_AT_ONCE = 16
_SILENT = 3
"""So many time-outs and no answer yet: the server is taken to be down, and a run waits once, not for each question."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the DNS says of a name. `records` are in text form; the strings of a TXT record are joined (RFC 7208)."""

    name: str
    kind: Kind
    status: Status
    records: tuple[str, ...] = ()
    canonical: str = ""
    """The name at the end of the chain of CNAME, where it is another one."""

    @property
    def is_known(self) -> bool:
        """Whether the DNS did say what is there, or that nothing is."""
        return self.status == "ok" or self.status in ABSENT


@dataclass(frozen=True, slots=True)
class Server:
    """A resolver to ask."""

    host: str
    port: int = 53


@dataclass(slots=True)
class Dns:
    """Answers, each question asked once. `recorded` is asked instead of the network where it is given."""

    servers: Sequence[Server] = ()
    """Those to ask; empty: the ones that the system names."""
    seconds: float = 3.0
    """For one question."""
    budget: float = 15.0
    """For all questions together; what is asked later is a time-out at once."""
    recorded: dict[Question, Answer] | None = None
    answers: dict[Question, Answer] = field(default_factory=dict)
    """All that was asked so far."""
    _resolver: Resolver | None = None
    _until: float | None = None
    _silent: int = 0
    """Time-outs while no question at all was answered."""
    _answered: bool = False

    def ask(self, name: str, kind: Kind) -> Answer:
        """The answer on `name`, a domain in any case, with or without its last dot."""
        question = name.lower().rstrip("."), kind
        found = self.answers.get(question)
        if found is None:
            found = self.answers[question] = self._answer(question)
        return found

    def ask_all(self, questions: Iterable[Question]) -> list[Answer]:
        """The answers on several questions, asked at the same time, in their order."""
        asked = list(dict.fromkeys(questions))
        if self.recorded is None and len(asked) > 1:
            self._prepare()
            with ThreadPoolExecutor(min(_AT_ONCE, len(asked))) as pool:
                return list(pool.map(lambda question: self.ask(*question), asked))
        return [self.ask(*question) for question in asked]

    @property
    def is_down(self) -> bool:
        """Whether no server has answered anything, though several questions were asked."""
        return self._silent >= _SILENT and not self._answered

    def renew(self) -> None:
        """Begin the budget again, for another message."""
        if self._until is not None:
            self._until = time.monotonic() + self.budget

    def _answer(self, question: Question) -> Answer:
        if self.recorded is not None:
            return self.recorded.get(question) or Answer(*question, "not-recorded")
        if self.is_down:
            return Answer(*question, "timeout")
        answer = self._resolved(*question)
        if answer.status in ("timeout", "unreachable"):
            self._silent += 1
        else:
            self._answered = True
        return answer

    def _prepare(self) -> Resolver:
        if self._resolver is None:
            self._resolver = _resolver(self.servers)
            self._until = time.monotonic() + self.budget
        return self._resolver

    def _resolved(self, name: str, kind: Kind) -> Answer:
        import dns.exception
        import dns.message
        import dns.name
        import dns.resolver

        resolver = self._prepare()
        assert self._until is not None
        left = min(self.seconds, self._until - time.monotonic())
        if left <= 0:
            return Answer(name, kind, "timeout")
        try:
            found = resolver.resolve(f"{name}.", kind, lifetime=left, search=False)
        except dns.resolver.NXDOMAIN:
            return Answer(name, kind, "no-such-name")
        except dns.resolver.NoAnswer:
            return Answer(name, kind, "no-data")
        except dns.resolver.NoNameservers as error:
            return Answer(name, kind, _failure(error))
        except dns.exception.Timeout:
            return Answer(name, kind, "timeout")
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, dns.name.IDNAException, UnicodeError):
            return Answer(name, kind, "bad-name")
        except dns.exception.DNSException:
            return Answer(name, kind, "malformed")
        except OSError:
            return Answer(name, kind, "unreachable")
        return _read(name, kind, found)


def server_of(text: str) -> Server:
    """The server that `HOST`, `HOST:PORT` or `[HOST]:PORT` names, HOST an IP address. ConfigError where it is none."""
    from ipaddress import ip_address

    host, _, port = text.rpartition(":") if text.count(":") == 1 or text.startswith("[") else (text, "", "")
    if text.startswith("[") and text.endswith("]"):
        host, port = text, ""
    host = host.removeprefix("[").removesuffix("]")
    try:
        ip_address(host)
        number = int(port or 53)
    except ValueError:
        raise ConfigError(f"{text!r} is no DNS server: an IP address is wanted, with :PORT if it is not 53") from None
    if not 0 < number < 65536:
        raise ConfigError(f"{text!r}: a port is a number from 1 to 65535")
    return Server(host, number)


def _resolver(servers: Sequence[Server]) -> Resolver:
    import dns.nameserver
    import dns.resolver

    try:
        resolver = dns.resolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration:
        raise ConfigError("this system names no DNS server: say which one to ask with --dns-server") from None
    if servers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(one.host, one.port) for one in servers]
    resolver.timeout = 1.5
    resolver.use_edns(0, 0, 1232)
    return resolver


def _failure(error: Exception) -> Status:
    """What the servers said, all of which gave no answer."""
    said = str(error)
    if "REFUSED" in said:
        return "refused"
    if "SERVFAIL" in said:
        return "server-failure"
    return "unreachable" if "Errno" in said or "unreachable" in said else "malformed"


def _read(name: str, kind: Kind, found: Resolved) -> Answer:
    if len(found) > MOST_RECORDS:
        return Answer(name, kind, "too-large")
    records = []
    for record in found:
        if kind in ("TXT", "SPF"):
            records.append(b"".join(record.strings).decode("utf-8", "backslashreplace"))
        else:
            records.append(record.to_text().rstrip(".") if kind != "MX" else record.to_text())
    if sum(map(len, records)) > MOST_TEXT:
        return Answer(name, kind, "too-large")
    canonical = str(found.canonical_name).rstrip(".").lower()
    return Answer(name, kind, "ok", tuple(sorted(records)), "" if canonical == name else canonical)
