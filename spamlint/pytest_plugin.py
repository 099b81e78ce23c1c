"""pytest: tests that mail can be sent. `assert_sendable(message)`, and the fixtures `sendable` and `sendable_outbox`.

Loaded by every run of pytest where spamlint is installed, so nothing of it is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import pytest

if TYPE_CHECKING:
    from email.message import Message as EmailMessage
    from pathlib import Path

    from spamlint.message import Message
    from spamlint.verdict import Language, Profile, Verdict

FailOn: TypeAlias = Literal["block", "warn"]


class HasMessage(Protocol):
    """A message of Django, or of whatever else makes one of the standard library."""

    def message(self) -> EmailMessage:
        """The message as it is sent."""


Mail: TypeAlias = "EmailMessage | HasMessage | Path | bytes | str"


class Sendable(Protocol):
    """`assert_sendable` with the settings of the test run."""

    def __call__(
        self,
        message: Mail,
        *,
        profile: Profile | None = None,
        fail_on: FailOn | None = None,
        ignore: Sequence[str] | None = None,
    ) -> None:
        """Fails the test where the message should not be sent."""


def assert_sendable(
    message: Mail,
    *,
    profile: Profile | None = None,
    fail_on: FailOn = "block",
    ignore: Sequence[str] = (),
    config: Path | None = None,
) -> None:
    """Fails, with the report, where the verdict on `message` is a block, or with `fail_on="warn"` a warning.

    A message is one of the standard library or of Django, or the bytes of one; a str is HTML, and a path is a file.
    An incomplete verdict fails as well. `profile` and `ignore` are the options of the command line, `config` is a
    spamlint.toml. SpamlintError where they cannot be used.
    """
    __tracebackhide__ = True
    if fail_on not in ("block", "warn"):
        raise ValueError(f"fail_on must be block or warn, not {fail_on!r}")
    check, language = _check(profile, tuple(ignore), config)
    mail = _mail(message)
    verdict = check(mail)
    if verdict.outcome == "block" or verdict.incomplete or (verdict.outcome == "warn" and fail_on == "warn"):
        pytest.fail(_told(verdict, mail, language), pytrace=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of pytest.ini."""
    parser.addini("spamlint_profile", "spamlint: kind of mail that tests check, as transactional or bulk")
    parser.addini("spamlint_fail_on", "spamlint: outcome from which on a test fails, block or warn", default="block")
    parser.addini("spamlint_ignore", "spamlint: rules, topics or globs that are not run", type="args", default=[])
    parser.addini("spamlint_config", "spamlint: settings file, from the folder of pytest.ini", type="string")


@pytest.fixture
def sendable(pytestconfig: pytest.Config) -> Sendable:
    """`assert_sendable` with the settings of pytest.ini; what a test gives itself goes before them."""
    profile, fail_on, ignore, config = _settings(pytestconfig)

    def check(
        message: Mail,
        *,
        profile: Profile | None = profile,
        fail_on: FailOn | None = fail_on,
        ignore: Sequence[str] | None = ignore,
    ) -> None:
        __tracebackhide__ = True
        assert_sendable(message, profile=profile, fail_on=fail_on or "block", ignore=ignore or (), config=config)

    return check


@pytest.fixture
def sendable_outbox(sendable: Sendable) -> Iterator[list[Any]]:
    """Django's outbox; when the test is over, every message in it is checked, and all that fail are told."""
    from django.core import mail

    if not hasattr(mail, "outbox"):
        mail.outbox = []
    yield mail.outbox
    # The list may have been replaced meanwhile, as Django's own test runner does between tests.
    failures = []
    for number, message in enumerate(mail.outbox):
        try:
            sendable(message)
        except pytest.fail.Exception as failure:
            failures.append(f"outbox[{number}]\n{failure.msg}")
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)


def _settings(config: pytest.Config) -> tuple[Profile | None, FailOn, tuple[str, ...], Path | None]:
    """What pytest.ini says; pytest.UsageError where it cannot be used."""
    from spamlint.config import FAIL_ON
    from spamlint.verdict import PROFILES

    named: Mapping[str, tuple[str, ...]] = {"spamlint_profile": PROFILES, "spamlint_fail_on": FAIL_ON}
    for key, known in named.items():
        value = config.getini(key)
        if value and value not in known:
            raise pytest.UsageError(f"{config.inipath}: {key}: must be one of {', '.join(known)}, not {value!r}")
    file = config.getini("spamlint_config")
    return (
        config.getini("spamlint_profile") or None,
        config.getini("spamlint_fail_on") or "block",
        tuple(config.getini("spamlint_ignore")),
        config.rootpath / file if file else None,
    )


@lru_cache(maxsize=8)
def _check(
    profile: Profile | None, ignore: tuple[str, ...], config: Path | None
) -> tuple[Callable[[Message], Verdict], Language]:
    """What judges messages with those settings, built once for all tests, and the language of its words."""
    from spamlint import ruleset
    from spamlint.config import load, narrowed
    from spamlint.errors import ConfigError
    from spamlint.linter import Linter
    from spamlint.verdict import PROFILES

    if profile is not None and profile not in PROFILES:
        raise ConfigError(f"profile must be one of {', '.join(PROFILES)}, not {profile!r}")
    settings, rules = load(config, partial(ruleset.load, whole=False))
    policy = narrowed(settings.policy, rules, profile=profile, ignore=ignore)
    return Linter(policy, rules).check, settings.language


def _mail(mail: Mail) -> Message:
    """The message or the draft that is meant. OSError where a file cannot be read, TypeError for what is no mail."""
    from email.message import Message as EmailMessage
    from pathlib import Path

    from spamlint.inputs import DRAFT_TYPES
    from spamlint.message import Message

    if isinstance(mail, bytes):
        return Message.from_bytes(mail, "message")
    if isinstance(mail, str):
        return Message.draft(mail.encode("utf-8", "replace"), "message")
    if isinstance(mail, Path):
        raw, kind = mail.read_bytes(), DRAFT_TYPES.get(mail.suffix.lower())
        return Message.draft(raw, str(mail), content_type=kind) if kind else Message.from_bytes(raw, str(mail))
    made = mail if isinstance(mail, EmailMessage) or not hasattr(mail, "message") else mail.message()
    if not isinstance(made, EmailMessage):
        raise TypeError(f"not a message, bytes, HTML or a path: {type(mail).__name__}")
    return Message.from_bytes(_sent(made), "message")


def _sent(message: EmailMessage) -> bytes:
    """The message as it goes over the wire; the `as_bytes` of Django takes other arguments than the one it replaces."""
    from email.generator import BytesGenerator
    from io import BytesIO

    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=message.policy.clone(linesep="\r\n")).flatten(message)
    return written.getvalue()


def _told(verdict: Verdict, mail: Message, language: Language) -> str:
    """The report of the command line."""
    from spamlint.report.data import file_report
    from spamlint.report.style import Style
    from spamlint.report.text import file

    return file(file_report(verdict, mail.source, None, language), Style(language))
