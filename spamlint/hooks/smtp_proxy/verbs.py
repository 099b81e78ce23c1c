"""The commands of SMTP: what each does, and what the client is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from spamlint.hooks.service import say as tell
from spamlint.hooks.smtp_proxy import command, sasl
from spamlint.hooks.smtp_proxy.answer import Answer, say
from spamlint.hooks.smtp_proxy.command import OPTIONS, Path
from spamlint.hooks.smtp_proxy.delivery import deliver
from spamlint.hooks.smtp_proxy.link import Gone
from spamlint.hooks.smtp_proxy.session import Session, Transaction

Method: TypeAlias = Callable[[Session, bytes], Awaitable[Answer | None]]

MOST_RECIPIENTS = 1_000
MOST_LOGINS = 3
"""Logins that may fail before the client is sent away."""

_BODIES = frozenset({b"7BIT", b"8BITMIME"})
_MOST_HELO = 255
_OK = "250 2.0.0 Ok"
_NO_TRY = frozenset({501, 504})
"""What is answered to a login that was given up, or has a form that is not known."""


async def _ehlo(session: Session, argument: bytes) -> Answer:
    return await _hello(session, argument, is_extended=True)


async def _helo(session: Session, argument: bytes) -> Answer:
    return await _hello(session, argument, is_extended=False)


async def _hello(session: Session, argument: bytes, *, is_extended: bool) -> Answer:
    if not argument or len(argument) > _MOST_HELO or not command.is_text(argument):
        return say("501 5.5.4 The name of your machine is missing: EHLO name.example")
    await session.forget()
    await session.hop.open()
    session.helo, session.is_extended = argument.decode("utf-8"), is_extended
    return Answer(250, (session.options.hostname, *(session.extensions() if is_extended else ())))


async def _mail(session: Session, argument: bytes) -> Answer:
    if not session.helo:
        return say("503 5.5.1 Say EHLO first")
    if session.mail is not None:
        return say("503 5.5.1 A message is under way: RSET begins anew")
    if not session.may_send:
        return say("530 5.7.0 Log in first")
    path = command.path(argument, b"FROM:")
    if path is None:
        return say("501 5.5.4 Write MAIL FROM:<address>")
    await session.hop.open()
    refusal = _refusal(session, path, "MAIL")
    if refusal is not None:
        return refusal
    await session.hop.forward(session.about())
    opening = _line(session, b"MAIL FROM:", path)
    answer = await session.hop.say(opening)
    if answer.is_yes:
        session.mail = Transaction(path, opening)
    return answer.final()


async def _rcpt(session: Session, argument: bytes) -> Answer:
    mail = session.mail
    if mail is None:
        return say("503 5.5.1 Say MAIL first")
    path = command.path(argument, b"TO:")
    if path is None or not path.raw:
        return say("501 5.5.4 Write RCPT TO:<address>")
    refusal = _refusal(session, path, "RCPT")
    if refusal is not None:
        return refusal
    if len(mail.recipients) >= MOST_RECIPIENTS:
        return say("452 4.5.3 Too many recipients for one message: send it to the others in a second one")
    line = _line(session, b"RCPT TO:", path)
    answer = await session.hop.say(line)
    if answer.is_yes:
        mail.recipients.append(path)
        mail.commands.append(line)
    return answer.final()


def _refusal(session: Session, path: Path, verb: str) -> Answer | None:
    """Why that address or one of its parameters cannot be taken."""
    known = OPTIONS[verb]
    for option in path.options:
        extension = known.get(option.partition(b"=")[0].upper())
        if extension is None or not (session.offers(extension) or (extension == "AUTH" and session.options.auth)):
            return say("555 5.5.4 This parameter is not known here")
    body, size = path.option(b"BODY"), path.option(b"SIZE")
    if body is not None and body.upper() not in _BODIES:
        return say("501 5.5.4 BODY is 7BIT or 8BITMIME")
    if size is not None and not size.isdigit():
        return say("501 5.5.4 SIZE is a number of octets")
    if size and int(size) > session.most_octets:
        return say(f"552 5.3.4 The message is too large: {session.most_octets} octets are taken")
    if not path.raw.isascii() and not (_is_unicode(session, path) and command.is_text(path.raw)):
        return say("553 5.6.7 An address in other letters than ASCII needs SMTPUTF8")
    return None


def _is_unicode(session: Session, path: Path) -> bool:
    sender = session.mail.sender if session.mail else path
    return sender.option(b"SMTPUTF8") is not None


def _line(session: Session, verb: bytes, path: Path) -> bytes:
    """The command for the next mail server. It is not told who has logged in where it does not ask for that."""
    kept = [each for each in path.options if session.offers("AUTH") or each.partition(b"=")[0].upper() != b"AUTH"]
    return b" ".join((verb + b"<" + path.raw + b">", *kept))


async def _data(session: Session, argument: bytes) -> Answer:
    mail = session.mail
    if mail is None:
        return say("503 5.5.1 Say MAIL first")
    if argument:
        return say("501 5.5.4 DATA stands alone")
    if not mail.recipients:
        return say("554 5.5.1 There is no recipient that was accepted")
    return await deliver(session, mail)


async def _rset(session: Session, _: bytes) -> Answer:
    await session.forget()
    return say(_OK)


async def _starttls(session: Session, argument: bytes) -> Answer | None:
    context = session.options.tls
    if argument:
        return say("501 5.5.4 STARTTLS stands alone")
    if session.link.is_tls:
        return say("503 5.5.1 TLS is there already")
    if context is None:
        return say("502 5.5.1 This command is not known here")
    if session.mail is not None:
        return say("503 5.5.1 A message is under way: RSET begins anew")
    await session.link.send(bytes(say("220 2.0.0 Begin TLS")))
    await session.link.start_tls(context, session.options.seconds)
    # Nothing that was said in plain text is known any more (RFC 3207 section 4.2).
    session.helo, session.user, session.forwarded = "", "", {}
    if session.hop.is_authenticated:
        await session.hop.quit()
        session.hop.is_authenticated = False
    return None


async def _auth(session: Session, argument: bytes) -> Answer:
    if not session.options.auth:
        return say("502 5.5.1 This command is not known here")
    if not session.helo or session.mail is not None or session.user:
        return say("503 5.5.1 Log in once, after EHLO and before MAIL")
    if not argument:
        return say("501 5.5.4 Say how: AUTH PLAIN")
    if not session.is_private:
        return say("538 5.7.11 Passwords are taken over a secured connection only")
    if not session.mechanisms:
        return say("454 4.7.0 Nobody can log in at the next mail server")
    login = await _login(session, argument)
    session.user = login.user
    if login.user:
        session.hop.is_authenticated = session.options.auth == "next"
        return login.answer
    session.logins += 1
    if login.answer.code not in _NO_TRY:
        client = session.link.peer.address or "a local program"
        tell(f"smtp-proxy: a login from {client} has failed")
    if session.logins >= MOST_LOGINS and not login.answer.ends_session:
        return say("421 4.7.0 Too many logins that failed")
    return login.answer


async def _login(session: Session, argument: bytes) -> sasl.Login:
    async def ask(challenge: Answer) -> bytes | None:
        await session.link.send(bytes(challenge))
        async with asyncio.timeout(session.options.seconds):
            line = await session.link.line()
        return line if isinstance(line, bytes) else None

    try:
        if session.options.auth == "file" and session.options.users:
            return await sasl.by_file(argument, session.options.users, ask)
        await session.hop.open()
        return await sasl.by_next(argument, ask, session.hop.say)
    except TimeoutError:
        raise Gone from None


async def _xforward(session: Session, argument: bytes) -> Answer:
    if not session.is_trusted:
        return say("550 5.7.0 Only front servers that are listed may say who their client is")
    if session.mail is not None:
        return say("503 5.5.1 A message is under way")
    found = command.attributes(argument)
    if found is None:
        return say("501 5.5.4 Write XFORWARD NAME=value")
    session.forwarded = {**session.forwarded, **found}
    return say(_OK)


async def _noop(_: Session, __: bytes) -> Answer:
    return say(_OK)


async def _vrfy(_: Session, __: bytes) -> Answer:
    return say("252 2.5.0 Send the message, and see")


async def _help(_: Session, __: bytes) -> Answer:
    return say("214 2.0.0 RFC 5321 says how this works")


async def _quit(_: Session, __: bytes) -> Answer:
    return say("221 2.0.0 Goodbye")


METHODS: Mapping[str, Method] = {
    "EHLO": _ehlo,
    "HELO": _helo,
    "MAIL": _mail,
    "RCPT": _rcpt,
    "DATA": _data,
    "RSET": _rset,
    "STARTTLS": _starttls,
    "AUTH": _auth,
    "XFORWARD": _xforward,
    "NOOP": _noop,
    "VRFY": _vrfy,
    "HELP": _help,
    "QUIT": _quit,
}
