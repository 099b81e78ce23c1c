"""A function for AWS Lambda that sends mail by Amazon SES, if it may go out.

The event has "to", "subject" and "text", and may have "attachments" as {"name": ..., "base64": ...}. What is refused is
an answer too, with the reasons for the caller; it is not an error of the function, which Lambda would try again.
Put spamlint.toml beside this file, and spamlint in the package or a layer.
"""

from __future__ import annotations

import base64
import os
import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any

from spamlint.integrations.gate import gate, reasons

SENDER = os.environ.get("SENDER", "Mill Lane Library <desk@mill-lane-library.example>")
SETTINGS = Path(__file__).parent / "spamlint.toml"


def handler(event: dict[str, Any], context: object, client: Any = None) -> dict[str, Any]:  # noqa: ARG001 - as Lambda calls it
    """Send the message of the event: {"sent": id}, or {"refused": reasons}."""
    message = composed(event)
    try:
        data = gate(SETTINGS).passed(message["From"].addresses[0].addr_spec, [event["to"]], message.as_bytes())
    except smtplib.SMTPDataError as refused:
        return {"refused": reasons(refused)}
    client = client or ses()
    sent = client.send_email(
        FromEmailAddress=message["From"],
        Destination={"ToAddresses": [event["to"]]},
        Content={"Raw": {"Data": data}},
    )
    return {"sent": sent["MessageId"]}


def composed(event: dict[str, Any]) -> EmailMessage:
    """The message of the event."""
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = event["to"]
    message["Subject"] = event["subject"]
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
    message.set_content(event["text"])
    for attached in event.get("attachments", ()):
        content = base64.b64decode(attached["base64"])
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=attached["name"])
    return message


def ses() -> Any:
    """The client of Amazon SES; boto3 is there in every Lambda function."""
    import boto3

    return boto3.client("sesv2")
