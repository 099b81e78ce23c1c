"""One client, from the greeting to the end."""

from __future__ import annotations

import asyncio

from spamlint.hooks.service import say as tell
from spamlint.hooks.smtp_proxy.answer import Answer, say
from spamlint.hooks.smtp_proxy.command import words
from spamlint.hooks.smtp_proxy.hop import Lost
from spamlint.hooks.smtp_proxy.link import Gone, Stopping
from spamlint.hooks.smtp_proxy.session import Session
from spamlint.hooks.smtp_proxy.verbs import METHODS

MOST_FAULTS = 20
"""Commands that cannot be understood, before the client is sent away."""

_FOREIGN = frozenset({"BDAT", "CONNECT", "GET", "HEAD", "POST", "PUT", "OPTIONS", "HOST:", "USER-AGENT:"})
"""BDAT is followed by octets that are no commands; the others are those of a browser that was led here."""
_FAULTY = range(500, 505)


async def serve(session: Session) -> None:
    """Serves the client until it leaves or is sent away."""
    link = session.link
    try:
        if await _greets(session):
            while await _goes_on(session):
                pass
    except Gone:
        link.abort()  # whatever was not acknowledged, the client still has
    finally:
        link.close()
    await session.hop.quit()


async def _greets(session: Session) -> bool:
    if not (session.options.auth or session.may_send):
        await _send(session, say("554 5.7.1 This address may not send mail here"))
        return False
    await _send(session, say(f"220 {session.options.hostname} ESMTP"))
    return True


async def _goes_on(session: Session) -> bool:
    """Takes one command; whether the session goes on."""
    try:
        async with asyncio.timeout(session.options.seconds):
            line = await session.link.line(is_idle=session.mail is None)
    except TimeoutError:
        answer: Answer | None = say("421 4.4.2 Nothing was heard for too long")
    except Stopping:
        answer = say("421 4.3.2 The service ends: try again in a moment")
    else:
        answer = await _answer(session, line)
    if answer is None:
        return True
    session.faults += answer.code in _FAULTY
    if session.faults > MOST_FAULTS:
        answer = say("421 4.7.0 Too many commands that are not understood")
    await _send(session, answer)
    return not answer.ends_session


async def _answer(session: Session, line: bytes | str) -> Answer | None:
    """What is answered to that line; None where it is answered already."""
    if line == "bare":
        return say("521 5.5.2 A line has to end in CR LF")
    if line == "long":
        return say("421 4.5.1 A command may not be that long")
    if not isinstance(line, bytes):
        return say("501 5.5.2 A command has no control characters")
    verb, argument = words(line)
    if verb in _FOREIGN:
        return say("421 4.5.1 This command is not known here")
    method = METHODS.get(verb)
    if method is None:
        return say("500 5.5.1 This command is not known here")
    try:
        return await method(session, argument)
    except Lost as lost:
        tell(f"smtp-proxy: {session.hop.next}: {lost}")
        return say(f"421 4.3.0 Try again later: {lost}")


async def _send(session: Session, answer: Answer) -> None:
    try:
        async with asyncio.timeout(session.options.seconds):
            await session.link.send(bytes(answer))
    except TimeoutError:
        raise Gone from None
