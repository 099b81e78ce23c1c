"""Flask-Mail that judges each message before it is sent: use this `Mail` in place of its own.

app.config["SPAMLINT_CONFIG"] = "spamlint.toml"
mail = Mail(app)
"""

from __future__ import annotations

import smtplib
from typing import cast

import flask_mail
from flask import current_app

from spamlint.integrations.gate import Gate, gate
from spamlint.integrations.smtplib import CheckedSMTP


class Mail(flask_mail.Mail):
    """Flask-Mail, with the keys SPAMLINT_CONFIG (a file) and SPAMLINT_ACTION of the application."""

    def connect(self) -> flask_mail.Connection:
        """A connection over which only messages go out that may. SMTPDataError says of others why not."""
        app = getattr(self, "app", None) or current_app
        judging = gate(app.config.get("SPAMLINT_CONFIG"), app.config.get("SPAMLINT_ACTION"))
        return _Connection(super().connect().mail, judging)


class _Connection(flask_mail.Connection):
    def __init__(self, mail: flask_mail.Mail, judging: Gate) -> None:
        super().__init__(mail)
        self._gate = judging

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        """The connection to the mail server, with the gate in front of it."""
        return cast("smtplib.SMTP", CheckedSMTP(super().configure_host(), self._gate))
