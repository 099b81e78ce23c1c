"""An e-mail backend for Django that judges each message, and hands it to another backend where it may go out.

EMAIL_BACKEND = "spamlint.integrations.django.EmailBackend"
SPAMLINT = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "CONFIG": BASE_DIR / "spamlint.toml"}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from email.utils import parseaddr
from smtplib import SMTPDataError
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from spamlint.errors import SpamlintError
from spamlint.guard.decision import Decision
from spamlint.guard.fields import PREFIX
from spamlint.integrations.gate import Gate, gate

DEFAULT_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
_LINE_END = re.compile(rb"\r?\n")
_KEYS = ("BACKEND", "CONFIG", "ACTION")


class EmailBackend(BaseEmailBackend):  # type: ignore[misc]
    """The backend. Its arguments are those of the backend behind it."""

    def __init__(self, *arguments: Any, fail_silently: bool = False, **named: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        options = _options()
        backend = options.get("BACKEND", DEFAULT_BACKEND)
        self.inner = get_connection(backend, fail_silently, *arguments, **named)
        self.gate = _gate(options)

    def open(self) -> Any:
        """Opens the connection of the backend behind this one."""
        return self.inner.open()

    def close(self) -> None:
        """Closes it."""
        self.inner.close()

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        """Sends those that may go out and returns their number. SMTPDataError then tells of the first that may not,
        unless the caller wants to hear of no failure."""
        refused: SMTPDataError | None = None
        with ExitStack() as changes:
            passed = []
            for message in email_messages:
                if not message.recipients():
                    continue
                try:
                    decision = self._decided(message)
                except SMTPDataError as error:
                    refused = refused or error
                    continue
                changes.enter_context(_changed(message, decision))
                passed.append(message)
            sent = (self.inner.send_messages(passed) or 0) if passed else 0
        if refused is not None and not self.fail_silently:
            raise refused
        return int(sent)

    def _decided(self, message: Any) -> Decision:
        data = _LINE_END.sub(b"\r\n", message.message().as_bytes())
        recipients = [parseaddr(recipient)[1] or recipient for recipient in message.recipients()]
        return self.gate.decide(parseaddr(message.from_email)[1], recipients, data)


@contextmanager
def _changed(message: Any, decision: Decision) -> Iterator[None]:
    """The message with the header fields of the decision while it is being sent. Fields of ours that a program gives a
    message itself, an override say, are for this backend."""
    before = message.extra_headers
    kept = {name: value for name, value in before.items() if not name.lower().startswith(PREFIX.lower())}
    message.extra_headers = {**kept, **dict(decision.add)}
    try:
        yield
    finally:
        message.extra_headers = before


def _options() -> dict[str, Any]:
    options = getattr(settings, "SPAMLINT", {})
    if not isinstance(options, dict):
        raise ImproperlyConfigured(f"SPAMLINT must be a dictionary, not {options!r:.40}")
    if unknown := sorted(options.keys() - set(_KEYS)):
        raise ImproperlyConfigured(f"SPAMLINT: unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}")
    if options.get("BACKEND") == f"{__name__}.EmailBackend":
        raise ImproperlyConfigured("SPAMLINT: BACKEND must be the backend that sends, not this one")
    return options


def _gate(options: dict[str, Any]) -> Gate:
    try:
        return gate(options.get("CONFIG"), options.get("ACTION"))
    except SpamlintError as error:
        raise ImproperlyConfigured(f"SPAMLINT: {error}") from error
