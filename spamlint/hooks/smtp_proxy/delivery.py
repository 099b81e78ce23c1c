"""A message from the client to the next mail server, by way of the guard."""

from __future__ import annotations

import asyncio

from spamlint.guard.decision import Decision
from spamlint.guard.fields import applied
from spamlint.hooks.smtp_proxy.answer import ODD, Answer, of, say
from spamlint.hooks.smtp_proxy.hop import Hop, Lost
from spamlint.hooks.smtp_proxy.lines import Body, stuffed
from spamlint.hooks.smtp_proxy.link import Gone
from spamlint.hooks.smtp_proxy.session import Session, Transaction

QUARANTINE = "X-Spamlint-Quarantine"
"""The header field that asks the next mail server to hold a message: SMTP has no other way to say so."""

_GO_AHEAD = 354
_NO_ROOM = "452 4.3.1 Too many messages at this moment: try again in a minute"
_FAULTS = {
    "bare": Answer(
        550,
        (
            "5.5.2 This message was not sent: it has lines that do not end in CR LF.",
            "5.5.2 The program that sends it has to end each line so; in Python, use smtplib's send_message.",
        ),
    ),
    "nul": Answer(550, ("5.6.0 This message was not sent: it has NUL characters, which mail may not have.",)),
}
_OTHERWISE = {
    "reject": "550 5.7.1 This message is not accepted",
    "tempfail": "451 4.7.1 This message cannot be judged now: try again later",
}


async def deliver(session: Session, mail: Transaction) -> Answer:
    """Takes the message, has it judged, hands it on; what the client is told at the end.

    It is told that the message is accepted only when the next mail server has said so.
    """
    await session.link.send(bytes(say("354 End with a dot on a line of its own")))
    body = Body()
    try:
        refusal = await _received(session, body)
        if refusal is not None:
            await session.forget()
            return refusal
        return await _judged(session, mail, body)
    finally:
        session.memory.give(_held(body))


def _held(body: Body) -> int:
    return body.size if body.is_kept else 0


async def _received(session: Session, body: Body) -> Answer | None:
    """Reads the message to its end; why it cannot be taken, None where it can."""
    refusal, most, rest = None, session.most_octets, None
    while rest is None:
        try:
            async with asyncio.timeout(session.options.seconds):
                data = await session.link.data()
        except TimeoutError:
            raise Gone from None
        before = body.size
        rest = body.feed(data)
        if not body.is_kept:
            continue
        if not session.memory.take(body.size - before):
            refusal = say(_NO_ROOM)
        elif body.size > most:
            refusal = say(f"552 5.3.4 The message is too large: {most} octets are taken")
            before = body.size
        if refusal is not None:
            session.memory.give(before)
            body.drop()
    session.link.inbox.feed(rest)
    if refusal is None and (fault := body.fault()):
        refusal = _FAULTS[fault]
    return refusal


async def _judged(session: Session, mail: Transaction, body: Body) -> Answer:
    data = body.message()
    decision = await session.guard.decide(session.envelope(mail), data)
    if decision.action in _OTHERWISE:
        await session.forget()
        return of(decision.reply) if decision.reply else say(_OTHERWISE[decision.action])
    if session.link.is_gone:
        raise Gone  # nobody can be told any more, so the client sends it again
    wire = stuffed(handed_on(data, decision))
    answer = await _to_next(session, mail, wire)
    session.mail, session.forwarded = None, {}
    return answer


def handed_on(data: bytes, decision: Decision) -> bytes:
    """The message with the header fields of `decision`; that of quarantine stands first."""
    changed = applied(data, decision)
    if not data:
        changed = changed.replace(b"\n", b"\r\n")
    if decision.action != "quarantine":
        return changed
    reason = "".join(sign if " " <= sign <= "~" else "?" for sign in decision.quarantine or decision.report_id)
    return f"{QUARANTINE}: {reason}\r\n".encode("ascii") + changed


async def _to_next(session: Session, mail: Transaction, wire: bytes) -> Answer:
    """What the next mail server says to the message."""
    hop = session.hop
    go_ahead = await _opened(hop)
    if go_ahead is None:
        # It has ended the session while the client was sending. It has nothing of the message yet.
        hop.drop()
        go_ahead = await _again(session, mail)
    if go_ahead.code != _GO_AHEAD:
        return ODD if go_ahead.is_yes else go_ahead.final()
    answer = await hop.body(wire)
    if answer.ends_session:
        hop.drop()
    return answer.final()


async def _opened(hop: Hop) -> Answer | None:
    """What the next mail server says to DATA; None where it has ended the session."""
    if not hop.is_open:
        return None
    try:
        answer = await hop.say(b"DATA")
    except Lost:
        return None
    return None if answer.ends_session else answer


async def _again(session: Session, mail: Transaction) -> Answer:
    """Opens the transaction once more in a new session; its answer to DATA, or a refusal."""
    await session.hop.open()
    await session.hop.forward(session.about())
    for line in (mail.opening, *mail.commands):
        answer = await session.hop.say(line)
        if not answer.is_yes:
            session.hop.drop()
            return say("451 4.3.0 The next mail server has ended the session: try again later")
    return await session.hop.say(b"DATA")
