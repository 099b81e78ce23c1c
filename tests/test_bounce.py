"""What a refusal means: the four texts that people know, replies, logs, returned messages, and the data behind it."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from spamlint import ruleset
from spamlint.bounce.explain import Explained, Explainer
from spamlint.bounce.knowledge import ACTORS, built_in_folder, load
from spamlint.bounce.read import read
from spamlint.errors import RuleFileError

EXAMPLES = Path(__file__).parent.parent / "examples" / "bounces"
EXPLAINER = Explainer()
KNOWN = EXPLAINER.knowledge

SHOWN: dict[str, tuple[tuple[str, str], ...]] = {
    "away.eml": (("auto-reply", "nobody"),),
    "complaint.eml": (("complaint", "sender"),),
    "dmarc.xml": (("dmarc-report", "administrator"),),
    "exchange.log": (("recipient-restricted", "recipient"), ("relay-denied", "administrator")),
    "exim.log": (("blocklisted", "sending service"), ("unreachable", "recipient"), ("unknown-user", "sender")),
    "high-probability-of-spam.txt": (("spam", "sender"),),
    "moved.txt": (("recipient-moved", "sender"),),
    "not-in-rcpthosts.txt": (("relay-denied", "administrator"),),
    "organization-rejected.txt": (("refused", "sender"),),
    "postfix.log": (
        ("unknown-user", "sender"),
        ("mailbox-full", "recipient"),
        ("relay-denied", "administrator"),
        ("unreachable", "recipient"),
    ),
    "several-lines.txt": (("dmarc-failed", "administrator"),),
    "spam.eml": (("spam", "sender"),),
    "unable-to-relay.txt": (("relay-denied", "administrator"),),
    "unknown-user.eml": (("unknown-user", "sender"),),
}


def explained(data: bytes | str) -> tuple[Explained, ...]:
    return EXPLAINER.explain(read(data.encode() if isinstance(data, str) else data))


def cause(data: bytes | str) -> str:
    return explained(data)[0].cause.name


def report(said: bytes, status: bytes) -> bytes:
    """A DSN with those words and those fields."""
    return (
        b"From: MAILER-DAEMON@carrier.example\nTo: ann@bakery.example\nSubject: Returned\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\n" + said + b"\n"
        b"--b\nContent-Type: message/delivery-status\n\n" + status + b"\n--b--\n"
    )


def test_the_table_names_every_example() -> None:
    assert set(SHOWN) == {path.name for path in EXAMPLES.iterdir()}


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_shows_what_it_is_there_for(name: str) -> None:
    found = explained((EXAMPLES / name).read_bytes())
    assert tuple((one.cause.name, one.cause.who) for one in found) == SHOWN[name]


def test_every_rule_that_could_have_warned_exists() -> None:
    rules = {rule.id for rule in ruleset.load(whole=False)}
    assert {rule for one in KNOWN.causes.values() for rule in one.rules} <= rules


def test_about_thirty_causes_have_words_in_both_languages() -> None:
    assert 30 <= len(KNOWN.causes) <= 45
    assert {one.who for one in KNOWN.causes.values()} == set(ACTORS)
    for one in KNOWN.causes.values():
        assert one.words["en"].fix != one.words["nl"].fix, one.name


def test_every_class_has_a_name_in_words() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in KNOWN.causes)


def test_pages_are_addresses_over_https() -> None:
    pages = {one.page for one in KNOWN.causes.values()} | {one.page for one in KNOWN.providers.values()}
    pages |= {one.page for one in KNOWN.patterns}
    assert all(page.startswith("https://") for page in pages - {""})
    assert all(one.page for one in KNOWN.providers.values())


def test_the_registry_of_status_codes_is_whole() -> None:
    counts = {"0": 0, "1": 10, "2": 4, "3": 6, "4": 7, "5": 6, "6": 10, "7": 30}
    assert {f"{subject}.{detail}" for subject, most in counts.items() for detail in range(most + 1)} == set(KNOWN.codes)


def test_a_status_code_is_explained_in_words() -> None:
    assert EXPLAINER.status_words("5.1.1", "en") == (
        "the recipient's mailbox does not exist; for good: trying again does not help"
    )
    assert EXPLAINER.status_words("4.2.2", "nl").startswith("de postbus is vol; voorlopig")
    assert EXPLAINER.status_words("5.7.606", "en").startswith("about security or policy")
    assert EXPLAINER.status_words("", "en") == EXPLAINER.status_words("9.9.9", "en") == ""


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    shutil.copytree(built_in_folder(), tmp_path / "data")
    (tmp_path / "data" / "causes" / "spam.toml").write_text('who = "nodoby"\nordre = 3\n[match]\nregex = ["(?=a)"]\n')
    (tmp_path / "data" / "providers" / "google.toml").write_text('name = ""\n[[pattern]]\nclass = "spma"\n')
    (tmp_path / "data" / "status.toml").write_text("no toml")
    with pytest.raises(RuleFileError) as caught:
        load(tmp_path / "data")
    said = str(caught.value)
    for wanted in (
        "spam.toml: ordre: unknown key, did you mean 'order'?",
        "spam.toml: who: must be one of",
        "spam.toml: title: is missing or empty",
        "spam.toml: match.regex[0]:",
        "google.toml: name: is missing or empty",
        "google.toml: pattern[0].class: there is no class 'spma', did you mean 'spam'?",
        "google.toml: pattern[0].regex: or phrases is needed",
        "status.toml: no valid TOML",
    ):
        assert wanted in said, wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("550 5.1.1 <bo@clients.example>... User unknown", "unknown-user"),
        ("550 5.7.1 550 User Unknown: bo@clients.example", "unknown-user"),
        ("550 5.1.1", "unknown-user"),
        ("452 4.2.2 over quota", "mailbox-full"),
        ("550 5.2.1 The account has been disabled", "mailbox-disabled"),
        ("554 5.7.1 <x>: Sender address rejected: User unknown in local recipient table", "sender-refused"),
        ("450 4.1.8 <a@b.example>: Sender address rejected: Domain not found", "sender-domain-missing"),
        ("450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.7]", "reverse-dns"),
        ("550 5.7.23 SPF validation failed", "spf-failed"),
        ("550 5.7.20 refused", "dkim-failed"),
        ("450 4.2.0 Recipient address rejected: Greylisted, try again in 300 seconds", "greylisted"),
        ("421 4.7.28 unusual rate of mail", "rate-limited"),
        ("554 5.7.1 Blocked - see https://www.spamhaus.org/query/pbl", "dynamic-address"),
        ("554 5.7.1 The message contains a URL listed in URIBL", "bad-link"),
        ("535 5.7.8 Error: authentication failed", "login-required"),
        ("530 5.7.0 Must issue a STARTTLS command first", "tls-failed"),
        ("454 4.7.0 TLS not available due to local problem", "tls-failed"),
        ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", "recipient-restricted"),
        ("552 5.3.4 Message size exceeds fixed limit", "too-large"),
        ("554 5.4.6 too many hops", "mail-loop"),
        ("550 5.6.0 Header error: duplicate header From", "bad-format"),
        ("550 Access denied", "refused"),
        ("501 5.1.3 Bad recipient address syntax", "bad-address"),
        ("556 5.1.10 Domain does not accept mail (nullMX)", "unknown-domain"),
        ("550 de mailbox is vol: postbus vol", "mailbox-full"),
        ("SMTP Error: Could not authenticate.", "login-required"),
        ("250 2.0.0 Ok: queued as 4XyZ", "delivered"),
        ("555 !important;", "protocol-error"),
        ("Good morning Bo, the bread is ready.", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_reply_is_understood(text: str, wanted: str) -> None:
    assert cause(text) == wanted


def test_words_count_for_more_than_codes_and_addresses_for_nothing() -> None:
    assert cause("550 5.7.1 <virus.spam@blocked.example>... user unknown") == "unknown-user"
    assert explained("550 5.1.1 Message rejected")[0].by == "status"


def test_lines_of_one_reply_are_one_and_replies_are_several() -> None:
    found = explained("550-5.7.1 Your message\n550 5.7.1 looks like spam\n452 4.2.2 mailbox full\n")
    assert [(one.text, one.cause.name) for one in found] == [
        ("550-5.7.1 Your message looks like spam", "spam"),
        ("452 4.2.2 mailbox full", "mailbox-full"),
    ]


def test_the_recipient_is_found_in_pasted_words() -> None:
    session = "C: RCPT TO:<bo@clients.example>\nS: 554 5.7.1 <bo@clients.example>: Relay access denied\n"
    error = "smtplib.SMTPRecipientsRefused: {'bo@clients.example': (550, b'5.1.1 User unknown')}"
    sender = "550 <ann@bakery.example>: Sender address rejected"
    found = [explained(text)[0].refusal.recipient for text in (session, error, sender)]
    assert found == ["bo@clients.example", "bo@clients.example", ""]


def test_the_page_is_that_of_the_provider() -> None:
    found = explained((EXAMPLES / "several-lines.txt").read_bytes())[0]
    assert (found.provider, found.page) == ("google", "https://support.google.com/mail/answer/2451690")


def test_each_recipient_of_a_report_has_a_cause_of_its_own() -> None:
    status = (
        b"Reporting-MTA: dns; carrier.example\n\nFinal-Recipient: rfc822; bo@clients.example\nAction: failed\n"
        b"Status: 5.1.1\n\nFinal-Recipient: rfc822; cor@clients.example\nAction: delayed\nStatus: 4.4.1\n\n"
        b"Final-Recipient: rfc822; dia@clients.example\nAction: relayed\nStatus: 2.0.0\n"
    )
    found = explained(report(b"It went wrong.", status))
    assert [(one.refusal.recipient, one.cause.name) for one in found] == [
        ("bo@clients.example", "unknown-user"),
        ("cor@clients.example", "delayed"),
        ("dia@clients.example", "delivered"),
    ]


def test_the_words_of_a_report_say_more_than_a_bare_code() -> None:
    status = b"Final-Recipient: rfc822; bo@clients.example\nAction: failed\nStatus: 5.0.0\n"
    found = explained(report(b"<bo@clients.example>: host mx.example said: 550 mailbox is full", status))[0]
    assert (found.cause.name, found.by, found.text) == ("mailbox-full", "words", "550 mailbox is full")


def test_the_returned_message_is_found_attached_or_below() -> None:
    attached = read((EXAMPLES / "spam.eml").read_bytes()).original
    below = read((EXAMPLES / "unknown-user.eml").read_bytes()).original
    headers = read((EXAMPLES / "complaint.eml").read_bytes()).original
    assert attached is not None
    assert attached.data.startswith(b"Return-Path: <ann@bakery.example>")
    assert below is not None
    assert below.data.startswith(b"Return-Path: <ann@bakery.example>")
    assert headers is not None
    assert [attached.is_whole, below.is_whole, headers.is_whole] == [True, True, False]


def test_a_version_number_is_no_status_code() -> None:
    data = (EXAMPLES / "unknown-user.eml").read_bytes().replace(b"550 5.1.1 unknown recipient", b"Bread 2.3.0 is out")
    found = explained(data)[0]
    assert (found.cause.name, found.status) == ("unknown", "")


def test_other_recipients_that_got_it_say_nothing_about_this_one() -> None:
    status = b"Final-Recipient: rfc822; bo@clients.example\nAction: failed\nStatus: 5.0.0\n"
    assert cause(report(b"cor@clients.example: successfully delivered", status)) == "refused"


def test_a_warning_is_no_refusal() -> None:
    data = (EXAMPLES / "unknown-user.eml").read_bytes().replace(b"550 5.1.1 unknown recipient", b"no answer yet")
    data = data.replace(b"This is a permanent error; I've given up.", b"THIS IS A WARNING MESSAGE ONLY.")
    assert cause(data) == "delayed"


@pytest.mark.parametrize(
    ("line", "wanted", "recipient"),
    [
        (
            "sendmail[1]: 1x: to=<bo@clients.example>, relay=mx.clients.example, dsn=5.1.1, stat=User unknown",
            "unknown-user",
            "bo@clients.example",
        ),
        (
            "1tAbCd-000000004Xy-1aBc H=x F=<a@b.example> rejected RCPT <bo@clients.example>: relay not permitted",
            "relay-denied",
            "bo@clients.example",
        ),
        (
            "@4000 delivery 7: failure: 192.0.2.7_does_not_like_recipient./Remote_host_said:_550_no_such_user/",
            "unknown-user",
            "",
        ),
    ],
)
def test_log_lines_of_other_servers_are_read(line: str, wanted: str, recipient: str) -> None:
    found = read(line.encode())
    assert found.kind == "log"
    assert [(one.cause.name, one.refusal.recipient) for one in EXPLAINER.explain(found)] == [(wanted, recipient)]


def zipped(name: str, data: bytes) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def test_a_dmarc_report_is_read_from_gzip_and_zip() -> None:
    data = (EXAMPLES / "dmarc.xml").read_bytes()
    plain = read(data)
    assert dict(plain.facts) == {
        "reporter": "clients.example", "domain": "bakery.example", "policy": "reject", "messages": "42",
        "failed": "12", "refused": "12", "sources": "198.51.100.7 (12)",
    }  # fmt: skip
    assert read(gzip.compress(data, mtime=0)) == read(zipped("report.xml", data)) == plain


def test_a_packed_log_is_read() -> None:
    assert cause(gzip.compress((EXAMPLES / "postfix.log").read_bytes(), mtime=0)) == "unknown-user"


def test_entities_of_a_report_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("treasure")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    data = (
        f'<?xml version="1.0"?><!DOCTYPE feedback [<!ENTITY l0 "ha">{laughs}<!ENTITY x SYSTEM "file://{secret}">]>'
        "<feedback><report_metadata><org_name>a&l8;&x;</org_name></report_metadata></feedback>"
    )
    found = read(data.encode())
    assert found.kind == "dmarc-report"
    assert "treasure" not in str(found)
    assert len(str(found)) < 1_000


def test_a_bomb_is_not_unpacked_to_the_end() -> None:
    found = read(gzip.compress(b"<feedback>" + b" " * 20_000_000, mtime=0))
    assert (found.kind, found.limits) == ("dmarc-report", ("report",))


def test_a_tls_report_is_counted() -> None:
    data = (
        b'{"organization-name": "clients.example", "policies": [{"policy": {"policy-domain": "bakery.example"}, '
        b'"summary": {"total-successful-session-count": 40, "total-failure-session-count": 2}}]}'
    )
    found = read(data)
    assert cause(data) == "tls-report"
    assert dict(found.facts) == {
        "reporter": "clients.example", "domain": "bakery.example", "connections": "42", "not encrypted": "2",
    }  # fmt: skip


def test_a_notice_of_amazon_is_read() -> None:
    data = (
        '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"bo@clients.example",'
        '"diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}'
    )
    found = explained(data)[0]
    assert (found.cause.name, found.refusal.recipient) == ("unknown-user", "bo@clients.example")
    assert cause('{"notificationType":"Complaint"}') == "complaint"


def test_checking_mail_does_not_load_it() -> None:
    code = (
        "import sys; from spamlint.cli import main; main(['check', '--quiet', 'examples/good-plain.eml']);"
        "print([name for name in sys.modules if 'bounce' in name])"
    )
    root = EXAMPLES.parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
