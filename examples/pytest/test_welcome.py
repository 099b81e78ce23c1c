"""A test that a mail can be sent: `pytest examples/pytest`, where spamlint is installed."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING

from spamlint.pytest_plugin import assert_sendable

if TYPE_CHECKING:
    from spamlint.pytest_plugin import Sendable


def welcome(name: str) -> EmailMessage:
    """The mail to a new member, as an application would build it."""
    message = EmailMessage()
    message["From"] = "Mill Lane Library <desk@mill-lane-library.example>"
    message["To"] = "ada.brook@aldbury.example"
    message["Subject"] = "Your library card is ready"
    message["Date"] = "Mon, 02 Mar 2026 09:30:00 +0100"
    message["Message-ID"] = "<20260302093000.115@mill-lane-library.example>"
    message.set_content(
        f"Dear {name},\n\nYour card lies at the desk, and we keep it there until the end of the month.\n"
        "Please bring something that shows your address.\n\nThe Mill Lane Library\n"
    )
    return message


def test_the_welcome_mail_can_be_sent() -> None:
    """Fails for a warning, too, as a mail that everybody gets should have none."""
    assert_sendable(welcome("Ada"), profile="transactional", fail_on="warn")


def test_so_it_can_with_a_long_name(sendable: Sendable) -> None:
    """The settings come from pytest.ini."""
    sendable(welcome("Ada Wilhelmina van den Broek-Hollingsworth"))
