"""An override is good for one message, once, for a while, and for nobody who has no key."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.errors import ConfigError
from spamlint.guard.answer import Heeded
from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import Incoming, applied, body_digest, body_of, incoming
from spamlint.guard.inline import inline
from spamlint.guard.key import new_key, read_key
from spamlint.guard.log import parsed
from spamlint.guard.override import Used, heeding, token
from spamlint.guard.reply import _WORDS
from spamlint.guard.settings import LogSettings, OverrideSettings, Settings
from spamlint.rule import Match, Rule
from spamlint.verdict import Language, Policy, Words

ROOT = Path(__file__).parent.parent
KEY = b"k" * 32
NOW = 1_700_000_000
ENVELOPE = Envelope("milter", "ann@bakery.example", ("bo@clients.example", "cy@clients.example"), user="ann")
DIGEST = body_digest(b"A prize.\r\n")
SAID: dict[Language, Words] = {"en": Words("Title", "message", "Why.", "Fix.")}
RULES = (Rule("text/prize", "warning", 90, SAID, match=Match(("shown",), ("prize",))),)


def asking(said: str, digest: str = DIGEST) -> Incoming:
    return Incoming((("X-Spamlint-Override", 1),), (said,), digest)


def heed(used: Used | None = None, now: float = NOW, hours: int = 24) -> Callable[[Envelope, Incoming], Heeded]:
    found = heeding(OverrideSettings(KEY, hours=hours), used or Used(), lambda: now)
    assert found is not None
    return found


def signed(expires: int = NOW + 60, envelope: Envelope = ENVELOPE, key: bytes = KEY) -> str:
    return f"{token(key, envelope, DIGEST, expires)} it is due today"


def test_a_token_counts_for_its_message() -> None:
    assert heed()(ENVELOPE, asking(signed())) == Heeded(reason="it is due today")
    other = replace(ENVELOPE, recipients=("<cy@CLIENTS.example>", "bo@clients.example", "bo@clients.example"))
    assert heed()(other, asking(signed())).reason
    assert heeding(None, Used(), lambda: NOW) is None


WORDS = st.text("abcXYZ@.\"',[] \x00\u00e9", max_size=12)


@given(
    WORDS, st.lists(WORDS, min_size=1, max_size=3), WORDS, st.integers(0, NOW + 80_000), st.sampled_from([KEY, b"x"])
)
def test_any_change_is_refused(sender: str, recipients: list[str], body: str, expires: int, key: bytes) -> None:
    envelope = replace(ENVELOPE, sender=sender, recipients=tuple(recipients))
    digest = body_digest(body.encode())
    made = token(KEY, envelope, digest, expires)
    is_good = expires >= NOW
    assert bool(heed()(envelope, asking(f"{made} why", digest)).reason) is is_good
    version, _, nonce, signature = made.split(".")
    changed = [
        (replace(envelope, sender=sender + "x"), f"{made} why", digest),
        (replace(envelope, recipients=(*recipients, "mallory@evil.example")), f"{made} why", digest),
        (replace(envelope, recipients=tuple(recipients[1:])), f"{made} why", digest),
        (envelope, f"{made} why", body_digest(body.encode() + b"x")),
        (envelope, f"{version}.{expires + 1}.{nonce}.{signature} why", digest),
        (envelope, f"{version}.{expires}.{nonce[::-1]}g.{signature} why", digest),
        (envelope, f"{version}.{expires}.{'0' * 32}.{signature} why", digest),
        (envelope, f"{version}.{expires}.{nonce}.{'A' * 43} why", digest),
        (envelope, f"{token(b'another', envelope, digest, expires)} why", digest),
        (envelope, made, digest),
    ]
    for other, said, of_body in changed:
        if other is envelope or set(other.recipients) != set(recipients) or other.sender != sender:
            found = heed()(other, asking(said, of_body))
            assert found.refused
            assert not found.reason


@given(st.lists(st.text(max_size=90), max_size=3))
def test_what_is_no_token_is_refused(values: list[str]) -> None:
    found = heed()(ENVELOPE, Incoming((), tuple(values), DIGEST))
    assert found.refused
    assert not found.reason


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (signed(NOW - 1), "expired"),
        (signed(NOW + 25 * 3600), "too-long"),
        (signed(key=b"other" * 8), "other-message"),
        (signed().partition(" ")[0], "no-reason"),
        ("", "no-token"),
        ("please let it through", "no-token"),
    ],
    ids=["expired", "too long", "another key", "no reason", "nothing", "words"],
)
def test_it_is_said_why_a_token_does_not_count(said: str, refused: str) -> None:
    assert heed()(ENVELOPE, asking(said)).refused == refused


def test_two_overrides_are_none() -> None:
    asked = Incoming((), (signed(), signed()), DIGEST)
    assert heed()(ENVELOPE, asked).refused == "several"
    nobody = replace(ENVELOPE, recipients=())
    assert heed()(nobody, asking(signed(envelope=nobody))).refused == "no-recipients"


def test_a_token_counts_once_also_after_a_restart_and_elsewhere(tmp_path: Path) -> None:
    file, said = tmp_path / "used", signed()
    first, other = Used(file), Used(file)
    assert heed(other)(ENVELOPE, asking(signed())).reason
    assert heed(first)(ENVELOPE, asking(said)).reason
    for used in (first, other, Used(file)):
        assert heed(used)(ENVELOPE, asking(said)).refused == "used"
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open("ab") as torn:
        torn.write(b"17000000")
    later = signed()
    assert heed(Used(file))(ENVELOPE, asking(later)).reason
    assert heed(Used(file))(ENVELOPE, asking(later)).refused == "used"


def test_tokens_in_memory_are_bounded_and_no_used_one_is_forgotten_early() -> None:
    used = Used(most=2)
    one, two = signed(NOW + 10), signed(NOW + 20)
    assert heed(used)(ENVELOPE, asking(one)).reason
    assert heed(used)(ENVELOPE, asking(two)).reason
    assert heed(used)(ENVELOPE, asking(signed())).refused == "too-many"
    assert heed(used, NOW + 15)(ENVELOPE, asking(signed())).reason
    assert heed(used, NOW + 15)(ENVELOPE, asking(two)).refused == "used"


def test_a_file_that_cannot_be_used_lets_nothing_through(tmp_path: Path) -> None:
    assert heed(Used(tmp_path))(ENVELOPE, asking(signed())).refused == "used-file: Is a directory"


@given(st.binary(max_size=200))
def test_a_body_is_the_same_with_other_line_ends(body: bytes) -> None:
    as_unix = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert body_digest(body) == body_digest(as_unix) == body_digest(as_unix.replace(b"\n", b"\r\n") + b"\r\n\r\n")
    assert body_digest(body + b"x") != body_digest(body)


def test_a_message_with_an_override_goes_out_without_it_once_and_with_its_reason_in_the_log(tmp_path: Path) -> None:
    mail = b"From: ann@bakery.example\r\nSubject: Hello\r\n\r\nA prize.\r\n"
    made = token(KEY, ENVELOPE, body_digest(body_of(mail)), NOW + 60)
    data = b"x-spamlint-OVERRIDE: " + made.encode() + b"\r\n\tit is \x1b[31mdue\r\n" + mail
    log = tmp_path / "log"
    settings = Settings(Policy(block_at=30), enforcement="reject", override=OverrideSettings(KEY), log=LogSettings(log))
    deciding = inline(settings, RULES, clock=lambda: NOW)
    first = deciding.decide(ENVELOPE, data)
    log.rename(tmp_path / "moved")
    second = deciding.decide(ENVELOPE, data)
    deciding.close()
    assert (first.action, first.wanted, first.spared) == ("accept", "reject", "override")
    assert applied(data, first) == mail
    assert (second.action, second.override_refused) == ("reject", "used")
    lines = [file.read_text() for file in (tmp_path / "moved", log)]
    rows = [parsed(line) or {} for line in lines]
    assert [row.get("override", "") for row in rows] == ["it is \x1b[31mdue", ""]
    assert "\x1b" not in "".join(lines)
    assert incoming(mail) == Incoming()


def test_a_key_is_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "key"
    new_key(file)
    assert len(read_key(file)) == 64
    with pytest.raises(ConfigError, match="exists, and a key that is in use is not written over"):
        new_key(file)
    file.chmod(0o640)
    assert read_key(file)
    for mode in (0o644, 0o660, 0o604, 0o602):
        file.chmod(mode)
        with pytest.raises(ConfigError, match="others can read or change it"):
            read_key(file)
    short = tmp_path / "short"
    short.write_text("secret\n")
    short.chmod(0o600)
    with pytest.raises(ConfigError, match="32 to 4096 bytes, not 6"):
        read_key(short)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_key(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="cannot be written"):
        new_key(tmp_path / "nowhere" / "key")
    assert "k" * 32 not in repr(OverrideSettings(KEY))


def test_every_reason_has_words_for_the_sender() -> None:
    code = (ROOT / "spamlint" / "guard" / "override.py").read_text("utf-8")
    slugs = set(re.findall(r'(?:return |refused=)f?"([a-z]+(?:-[a-z]+)*)[":]', code)) | {"not-allowed"}
    assert slugs >= {"used", "used-file", "expired", "several", "no-token", "other-message", "too-many"}
    for words in _WORDS.values():
        assert slugs <= words.keys()
