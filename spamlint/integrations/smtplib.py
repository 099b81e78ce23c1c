"""smtplib with a gate in front: `with checked(smtplib.SMTP("localhost")) as smtp: smtp.send_message(message)`."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Sequence
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from spamlint.integrations.gate import Gate, gate

_LINE_END = re.compile(r"\r\n|\r|\n")


def checked(smtp: smtplib.SMTP, config: str | Path | None = None, *, action: str | None = None) -> CheckedSMTP:
    """The connection `smtp`, over which only messages go out that the settings in `config` let pass."""
    return CheckedSMTP(smtp, gate(config, action))


class CheckedSMTP:
    """A connection of smtplib that judges each message first. All else that a connection can do, it does."""

    def __init__(self, smtp: smtplib.SMTP, judging: Gate) -> None:
        self._smtp = smtp
        self._gate = judging

    def __enter__(self) -> Self:
        self._smtp.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._smtp.__exit__(kind, error, trace)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._smtp, name)

    def sendmail(
        self,
        from_addr: str,
        to_addrs: str | Sequence[str],
        msg: bytes | str,
        mail_options: Sequence[str] = (),
        rcpt_options: Sequence[str] = (),
    ) -> dict[str, tuple[int, bytes]]:
        """As that of smtplib. SMTPDataError also where the message is refused here, before anything is sent."""
        data = _LINE_END.sub("\r\n", msg).encode("ascii") if isinstance(msg, str) else msg
        recipients = [to_addrs] if isinstance(to_addrs, str) else list(to_addrs)
        passed = self._gate.passed(from_addr, recipients, data)
        return self._smtp.sendmail(from_addr, recipients, passed, mail_options, rcpt_options)

    def send_message(
        self,
        msg: Message,
        from_addr: str | None = None,
        to_addrs: str | Sequence[str] | None = None,
        mail_options: Sequence[str] = (),
        rcpt_options: Sequence[str] = (),
    ) -> dict[str, tuple[int, bytes]]:
        """As that of smtplib, which works out the envelope and then calls `sendmail` of what it is given."""
        own = cast("smtplib.SMTP", self)
        return smtplib.SMTP.send_message(own, msg, from_addr, to_addrs, mail_options, rcpt_options)
