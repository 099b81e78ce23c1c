"""The trial of a server as a route for mail: step by step up to RCPT TO, then RSET and QUIT. DATA is never said."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from spamlint.smtp_probe.login import log_in
from spamlint.smtp_probe.security import Certificate, Flaw, context_of, described, flaw_of
from spamlint.smtp_probe.target import SUBMISSIONS, Target
from spamlint.smtp_probe.wire import Reply, Stopped, Why, Wire, connected

Tls: TypeAlias = Literal["auto", "starttls", "implicit", "none"]
Name: TypeAlias = Literal["connect", "banner", "ehlo", "starttls", "tls", "auth", "mail", "rcpt"]
State: TypeAlias = Literal["ok", "refused", "failed"]
Outcome: TypeAlias = Literal["would-relay", "answers", "refused", "not-tried"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What to try."""

    target: Target
    sender: str | None = None
    """For MAIL FROM; "" is the sender of bounces; None: the trial ends before it."""
    recipients: tuple[str, ...] = ()
    helo: str = ""
    """"": the name of this machine."""
    tls: Tls = "auto"
    """auto: TLS at once on port 465, else STARTTLS where it is offered."""
    user: str = ""
    password: str = field(default="", repr=False)
    insecure: bool = False
    """Whether the password may go over plain text, or to a server whose certificate is wrong."""
    seconds: float = 30.0
    """For all of it."""
    ca_file: Path | None = None
    size: int = 0
    """Octets of the message that would be sent; 0: not said."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the conversation."""

    name: Name
    state: State
    about: str = ""
    """What was asked: an address, a mechanism."""
    reply: Reply | None = None
    why: Why | None = None
    """What stopped it where the server did not refuse in words."""
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(slots=True)
class Probe:
    """What was found out, as far as it came."""

    trial: Trial
    steps: list[Step] = field(default_factory=list)
    address: str = ""
    extensions: dict[str, str] = field(default_factory=dict)
    """What the server offers, by upper-case keyword, in the last answer to EHLO."""
    certificate: Certificate | None = None
    auth_before_tls: bool = False

    @property
    def outcome(self) -> Outcome:
        """Whether the server would take mail to send on."""
        states = {step.state for step in self.steps}
        if "failed" in states:
            return "not-tried"
        if "refused" in states:
            return "refused"
        return "would-relay" if any(step.name == "rcpt" for step in self.steps) else "answers"

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """What AUTH offers."""
        return tuple(self.extensions.get("AUTH", "").upper().split())

    @property
    def largest(self) -> int:
        """The octets of a message that the server takes at most; 0: it does not say."""
        text = self.extensions.get("SIZE", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


@dataclass(slots=True)
class _Talk:
    """One conversation on its way."""

    probe: Probe
    wire: Wire
    at: Name = "banner"

    def said(self, name: Name, reply: Reply, about: str = "", *, needs: int = 2) -> bool:
        """Notes the reply; whether the conversation goes on."""
        is_yes = reply.code // 100 == needs
        self.probe.steps.append(Step(name, "ok" if is_yes else "refused", about, reply))
        return is_yes


def tried(trial: Trial) -> Probe:
    """What the server does with the trial. Never longer than its seconds; ConfigError for a file that is no use."""
    end = time.monotonic() + trial.seconds
    probe = Probe(trial)
    flaw: Flaw = ""
    detail = ""
    for verified in (True, False):
        context = context_of(trial.ca_file, verified=verified)
        probe = Probe(trial)
        try:
            _conversation(probe, context, end, flaw, detail)
        except ssl.SSLCertVerificationError as error:
            # The handshake is over: the second time the certificate is only looked at, and so is what is behind it.
            flaw, detail = flaw_of(error), error.verify_message or ""
            continue
        break
    return probe


def _conversation(probe: Probe, context: ssl.SSLContext, end: float, flaw: Flaw, detail: str) -> None:
    try:
        wire, probe.address = connected(probe.trial.target, end)
    except Stopped as stop:
        probe.steps.append(Step("connect", "failed", why=stop.why, values=stop.values))
        return
    probe.steps.append(Step("connect", "ok", probe.address))
    talk = _Talk(probe, wire)
    is_polite = False
    try:
        _talked(talk, context, flaw, detail)
        is_polite = True
    except Stopped as stop:
        state: State = "refused" if stop.why in ("no-smtputf8", "too-large") else "failed"
        probe.steps.append(Step(talk.at, state, why=stop.why, values=stop.values))
        is_polite = stop.why not in ("timeout", "closed", "not-smtp", "line-too-long", "reply-too-long")
    finally:
        talk.wire.close(politely=is_polite)


def _talked(talk: _Talk, context: ssl.SSLContext, flaw: Flaw, detail: str) -> None:
    trial, wire = talk.probe.trial, talk.wire
    tls = trial.tls
    if tls == "auto":
        tls = "implicit" if trial.target.port == SUBMISSIONS else "auto"
    if tls == "implicit":
        _secure(talk, context, flaw, detail)
    talk.at = "banner"
    if not talk.said("banner", wire.reply()) or not _greeted(talk):
        return
    if tls == "starttls" or (tls == "auto" and "STARTTLS" in talk.probe.extensions):
        talk.at = "starttls"
        if "STARTTLS" not in talk.probe.extensions:
            raise Stopped("no-starttls")
        if not talk.said("starttls", wire.ask("STARTTLS")):
            return
        _secure(talk, context, flaw, detail)
        if not _greeted(talk):
            return
    if trial.user and not _logged_in(talk):
        return
    if trial.sender is not None:
        _addressed(talk, trial.sender)


def _greeted(talk: _Talk) -> bool:
    talk.at = "ehlo"
    name = talk.probe.trial.helo or _own_name(talk.wire.sock)
    reply = talk.wire.ask(f"EHLO {name}")
    if reply.code in (500, 502, 504):  # a server of before 1995, or one behind a filter that knows no EHLO
        reply = talk.wire.ask(f"HELO {name}")
    rows = [line.partition(" ") for line in reply.lines[1:]]
    talk.probe.extensions = {word.upper(): rest.strip() for word, _, rest in rows if word}
    return talk.said("ehlo", reply, name)


def _secure(talk: _Talk, context: ssl.SSLContext, flaw: Flaw, detail: str) -> None:
    talk.at = "tls"
    probe = talk.probe
    try:
        secured = talk.wire.secure(context, probe.trial.target.host)
    except ssl.SSLCertVerificationError:
        raise
    except TimeoutError:
        raise Stopped("timeout") from None
    except ssl.SSLError as error:
        raise Stopped("tls-failed", reason=(error.reason or str(error))[:200]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Stopped("tls-failed", reason=reason[:200]) from None
    probe.auth_before_tls = bool(probe.mechanisms)
    probe.certificate = described(secured, flaw, detail)
    probe.steps.append(Step("tls", "ok", probe.certificate.version))


def _logged_in(talk: _Talk) -> bool:
    talk.at = "auth"
    probe, trial = talk.probe, talk.probe.trial
    if not trial.insecure:
        if probe.certificate is None:
            raise Stopped("plain-text")
        if probe.certificate.flaw:
            raise Stopped("bad-certificate")
    mechanism, reply = log_in(talk.wire, probe.mechanisms, trial.user, trial.password)
    return talk.said("auth", reply, mechanism)


def _addressed(talk: _Talk, sender: str) -> None:
    talk.at = "mail"
    trial, offered = talk.probe.trial, talk.probe.extensions
    options = ""
    if trial.size and "SIZE" in offered:
        if 0 < talk.probe.largest < trial.size:
            raise Stopped("too-large", size=trial.size, largest=talk.probe.largest)
        options += f" SIZE={trial.size}"
    if not all(address.isascii() for address in (sender, *trial.recipients)):
        if "SMTPUTF8" not in offered:
            raise Stopped("no-smtputf8")
        options += " SMTPUTF8"
    if not talk.said("mail", talk.wire.ask(f"MAIL FROM:<{sender}>{options}"), sender):
        return
    for recipient in trial.recipients:
        talk.at = "rcpt"
        talk.said("rcpt", talk.wire.ask(f"RCPT TO:<{recipient}>"), recipient)


def _own_name(sock: socket.socket) -> str:
    """The name of this machine where it is a full one, else its address; the DNS is not asked for more."""
    name = socket.gethostname()
    if "." in name.strip("."):
        return name
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
