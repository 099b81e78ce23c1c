"""What the checks of attachments promise beyond the examples in their rules."""

from __future__ import annotations

import base64
import gzip
import time
from collections.abc import Callable, Mapping, Sequence

import pytest
from samples import GOOD_HEADERS

from spamlint import ruleset
from spamlint.checks.attached import ending
from spamlint.checks.attachment_lists import DECLARED, DOCUMENTS, GMAIL, OUTLOOK, PROMISED, RISKY
from spamlint.limits import Limits
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.rule import Hit, Rule
from spamlint.unread import limits_reached
from spamlint.verdict import Finding, Policy, Verdict

RULES = ruleset.load()
LINTER = Linter(rules=[rule for rule in RULES if rule.topic == "attachments"])
EXE = b"MZ\x90\0\3\0\0\0" + bytes(60)


def with_part(header: str, content: bytes = b"bread\r\n", encoded: bool = True, boundary: str = "b") -> bytes:
    body = base64.encodebytes(content) if encoded else content
    encoding = "base64" if encoded else "8bit"
    return (
        f"{GOOD_HEADERS}Subject: Your bread\nContent-Type: multipart/mixed; boundary={boundary}\n\n--{boundary}\n"
        "Content-Type: text/plain\n\nGood morning\n\n"
        f"--{boundary}\nContent-Transfer-Encoding: {encoding}\n{header}\n\n"
    ).encode() + b"%b\n--%b--\n" % (body, boundary.encode())


def named(name: str, content: bytes = b"bread\r\n", kind: str = "application/octet-stream") -> bytes:
    return with_part(f'Content-Type: {kind}\nContent-Disposition: attachment; filename="{name}"', content)


def attached(inner: bytes) -> bytes:
    return with_part("Content-Type: message/rfc822", inner, encoded=False, boundary=f"b{len(inner)}")


def findings(raw: bytes, linter: Linter = LINTER, limits: Limits | None = None) -> Mapping[str, Finding]:
    message = Message.from_bytes(raw, limits=limits) if limits else Message.from_bytes(raw)
    verdict = linter.check(message)
    assert verdict.errors == ()
    return {finding.rule.removeprefix("attachments/"): finding for finding in verdict.findings}


def verdict_of(raw: bytes, limits: Limits | None = None) -> Verdict:
    return LINTER.check(Message.from_bytes(raw, limits=limits) if limits else Message.from_bytes(raw))


# ---- names and lists


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.exe", "exe"), ("A.EXE. .", "exe"), ("a.ex\u200be", "exe"), ("fdp\u202e.exe", "exe"), (".exe", "exe"),
        ("a", ""), ("a.b c", ""), ("a.tar.gz", "gz"), ("folder.d/readme", ""), ("", ""), ("...", ""),
    ],
)  # fmt: skip
def test_an_ending_is_what_a_system_goes_by(name: str, found: str) -> None:
    assert ending(name) == found


def test_the_lists_are_lower_case_and_do_not_contradict() -> None:
    for listed in (GMAIL, OUTLOOK, RISKY, DOCUMENTS, frozenset(PROMISED)):
        assert all(one == one.lower().lstrip(".") for one in listed)
    assert not DOCUMENTS & RISKY
    assert all("/" in one for one in DECLARED)
    assert len(GMAIL) == 54


@pytest.mark.parametrize("extension", sorted(GMAIL))
def test_what_gmail_refuses_blocks(extension: str) -> None:
    assert verdict_of(named(f"prices.{extension}")).outcome == "block"


@pytest.mark.parametrize("extension", sorted(OUTLOOK - GMAIL))
def test_what_outlook_hides_warns(extension: str) -> None:
    assert "hidden-by-outlook" in findings(named(f"prices.{extension}"))
    assert verdict_of(named(f"prices.{extension}")).outcome == "warn"


@pytest.mark.parametrize("extension", ["pdf", "docx", "xlsx", "jpg", "ics", "vcf", "zip", "txt", "csv", "p7s"])
def test_what_people_send_each_other_is_let_through(extension: str) -> None:
    assert not findings(named(f"prices.{extension}"))


def test_a_program_blocks_whatever_it_is_called() -> None:
    for name in ("invoice.pdf", "notes", "photo.jpg", "a.zip"):
        assert verdict_of(named(name, EXE)).outcome == "block"


# ---- content beyond the first bytes


def test_an_iso_image_is_known_by_its_mark_behind_32_kilobytes() -> None:
    assert "disk-image" in findings(named("order.dat", bytes(32769) + b"CD001"))
    assert "disk-image" not in findings(named("order.dat", bytes(40000)))


def test_attachments_are_not_decoded_beyond_their_first_bytes() -> None:
    message = Message.from_bytes(named("order.pdf", b"%PDF-1.4\n" + bytes(100_000)))
    LINTER.check(message)
    assert all("_transfer" not in vars(part) for part in message.attachments)


def test_a_drawing_is_read_without_entities_and_network() -> None:
    bomb = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    drawing = f'<!DOCTYPE svg [<!ENTITY e0 "x"><!ENTITY out SYSTEM "file:///etc/hostname">{bomb}]><svg>&e11;&out;</svg>'
    began = time.process_time()
    assert "svg-attachment" not in findings(named("a.svg", drawing.encode(), "image/svg+xml"))
    assert time.process_time() - began < 0.2


def test_a_packed_drawing_is_read_too() -> None:
    finding = findings(named("a.svgz", gzip.compress(b"<svg><script/></svg>")))["svg-attachment"]
    assert [str(text) for text in finding.texts] == ["a.svgz"]
    assert "svg-attachment" not in findings(named("a.svgz", b"\x1f\x8b\x08 broken"))
    bomb = gzip.compress(b"<svg>" + b"<a/>" * 2_000_000)
    began = time.process_time()
    findings(named("a.svgz", bomb))
    assert time.process_time() - began < 1


def test_a_drawing_over_the_limit_is_a_finding() -> None:
    drawing = b"<svg>" + b" " * 3000 + b"</svg>"
    found = findings(named("a.svg", drawing), limits=Limits(drawing=1000))
    assert found["svg-attachment"].values["what"] == "> 1000 bytes"
    assert "svg-attachment" not in findings(named("a.svg", drawing))


@pytest.mark.parametrize("content", [b"", b"<svg", b"<svg>" * 5000, b"\xff\xfe<\0s\0v\0g\0>\0", b"<svg>\0</svg>", b"x"])
def test_a_broken_drawing_does_no_harm(content: bytes) -> None:
    findings(named("a.svg", content, "image/svg+xml"))


def test_every_script_of_a_drawing_has_its_own_place() -> None:
    raw = with_part(
        "Content-Type: image/svg+xml; name=a.svg", b"<svg><script/>\n<a/><script>go()</script></svg>", False
    )
    places = findings(raw)["svg-attachment"].places
    assert [(place.line, place.column) for place in places if place] == [(1, 6), (2, 5)]


# ---- messages in the message


def test_an_attached_message_is_judged_and_named_by_its_path() -> None:
    finding = findings(attached(named("setup.exe")))["risky-message"]
    assert finding.values["part"] == "2"
    assert "attachments/blocked-by-provider" in str(finding.values["rules"])
    assert str(finding.texts[0]) == "setup.exe"
    place = finding.places[0]
    assert place is not None
    assert b'filename="setup.exe"' in attached(named("setup.exe")).split(b"\n")[place.raw.line - 1]


def test_a_message_in_an_encoded_file_is_judged_too() -> None:
    finding = findings(named("old.eml", named("setup.exe")))["risky-message"]
    assert str(finding.texts[0]) == "old.eml"


def test_a_chain_of_messages_ends_at_the_limit_and_says_so() -> None:
    raw = named("setup.exe")
    for _ in range(4):
        raw = attached(raw)
    assert "risky-message" in findings(raw)
    assert not verdict_of(raw).incomplete
    shallow = verdict_of(raw, Limits(attached_depth=2))
    assert shallow.incomplete
    assert not shallow.findings


def test_only_so_many_attached_messages_are_judged() -> None:
    part = b"--b\nContent-Type: message/rfc822\n\nSubject: x\n\nx\n"
    raw = f"{GOOD_HEADERS}Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n".encode() + part * 5 + b"--b--\n"
    message = Message.from_bytes(raw, limits=Limits(attached=3))
    assert len(message.attached_messages) == 3
    assert [defect.code for defect in limits_reached(message)] == ["limit-attached"]
    assert not limits_reached(Message.from_bytes(raw))


def test_a_crash_inside_an_attached_message_is_an_error_of_the_verdict() -> None:
    def crash(message: Message) -> Sequence[Hit]:
        if message.depth:
            raise ZeroDivisionError
        return ()

    judging = next(rule for rule in RULES if rule.id == "attachments/risky-message")
    crashing = Rule("test/crash", "note", 0, judging.words, check=crash, check_name="test.crash")
    verdict = Linter(rules=[judging, crashing]).check(Message.from_bytes(attached(named("a.pdf"))))
    assert [error.code for error in verdict.errors] == ["ZeroDivisionError"]
    assert verdict.incomplete


def test_lines_of_an_attached_message_are_its_own() -> None:
    long_line = next(rule for rule in RULES if rule.id == "structure/long-line")
    inner = Message.from_bytes(b"x" * 2000 + b"\n" + attached(named("a.pdf"))).attached_messages
    assert not inner
    raw = attached(f"{GOOD_HEADERS}Subject: x\n\n{'y' * 1200}\n".encode()).replace(b"Good morning", b"z" * 1500)
    ((_, attached_message),) = Message.from_bytes(raw).attached_messages
    (finding,) = Linter(rules=[long_line]).check(attached_message).findings
    assert [str(text) for text in finding.texts] == ["y" * 1200]


# ---- size


def test_the_size_is_graded() -> None:
    linter = Linter(Policy(select=("attachments/too-large",)))
    scores = []
    for megabytes in (9, 11, 21, 26):
        found = findings(with_part("Content-Type: a/b; name=a.pdf", b"x" * megabytes * 1024 * 1024, False), linter)
        scores.append(found["attachments/too-large".partition("/")[2]].score if found else 0)
    assert scores == [0, 5, 20, 40]


# ---- growth


def seconds(raw: bytes) -> float:
    message = Message.from_bytes(raw)
    began = time.process_time()
    LINTER.check(message)
    return time.process_time() - began


HOSTILE: Mapping[str, Callable[[int], bytes]] = {
    "blanks in a name": lambda size: named("a.pdf" + " " * size),
    "dots in a name": lambda size: named("a" + "." * size + "b"),
    "marks in a name": lambda size: with_part(f"Content-Type: a/b; name*=utf-8''{'%E2%80%8B' * (size // 9)}.exe"),
    "announcements": lambda size: f"{GOOD_HEADERS}\n{'no attached ' * (size // 12)}".encode(),
    "quotations": lambda size: f"{GOOD_HEADERS}\nattached\n{'on ' * (size // 3)}".encode(),
    "links in a calendar": lambda size: named("a.ics", b"URL:http://" * (size // 11)),
    "folds in a calendar": lambda size: named("a.ics", b"\r\n x" * (size // 4)),
    "letters in a page": lambda size: named("a.html", b"<script>" + b"A" * 4990 + b" " + b"A" * size),
    "runs in a page": lambda size: named("a.html", b"<script>" + (b"A" * 4990 + b" ") * (size // 4991)),
    "scripts in a drawing": lambda size: named("a.svg", b"<svg>" + b"<script/>" * (size // 9) + b"</svg>"),
    "messages": lambda size: with_part(
        "Content-Type: a/b", b"\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\nx" * (size // 48), False),
    "files": lambda size: with_part(
        "Content-Type: a/b", b"\n--b\nContent-Type: image/png; name=a.pdf.exe\n\nMZ\0" * (size // 48), False),
    "comments in a drawing": lambda size: named("a.svg", b"<svg onload='x'>" + b"<!--" * (size // 4)),
    "quotes in a drawing": lambda size: named("a.svg", b"<svg onload='x'>" + b'<a "' * (size // 4)),
    "doctypes in a drawing": lambda size: named("a.svg", b"<svg onload='x'>" + b"<!DOCTYPE[" * (size // 10)),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_cost_grows_no_faster_than_the_message(kind: str) -> None:
    small, large = (min(seconds(HOSTILE[kind](size)) for _ in range(2)) for size in (20_000, 160_000))
    assert large < 20 * small + 0.05


# ---- announcements

ANNOUNCED = [
    "Please find attached the invoice.",
    "Attached please find our offer.",
    "I've attached the photos from Monday.",
    "We have enclosed the contract for your signature.",
    "The menu is attached.",
    "I am attaching my CV.",
    "See the attached file for the details.",
    "You will find more in the attachment.",
    "Attached is the list you asked for.",
    "Zie bijlage.",
    "In de bijlage vindt u de offerte.",
    "De factuur vindt u in de bijlage.",
    "Ik stuur je de foto's als bijlage.",
    "Bijgevoegd vind je het verslag.",
    "Bijgaand stuur ik u de stukken.",
    "Ik heb het formulier bijgevoegd.",
    "Als bijlage stuur ik de agenda mee.",
]
NOT_ANNOUNCED = [
    "There is no attachment in this message.",
    "You forgot to attach the file.",
    "If you have attached a photo, we will print it.",
    "This e-mail and any attachments are confidential.",
    "He is very attached to his oven.",
    "The strings attached to this deal are few.",
    "The handle is attached to the door.",
    "Do not open attachments from strangers.",
    "You can attach a file in our portal.",
    "The camera has a lens attachment.",
    "See the attached link for the invoice.",
    "The enclosed garden is open on Sunday.",
    "Er zit geen bijlage bij deze mail.",
    "Open nooit een bijlage van een onbekende.",
    "U ontvangt deze mail zonder bijlage.",
    "De bijlage kunt u downloaden in uw account.",
    "Deze e-mail en eventuele bijlagen zijn vertrouwelijk.",
    "Ben je de bijlage vergeten?",
    "We didn't attach the file, as you asked; see the attachment to your order of Monday? No.",
]


@pytest.mark.parametrize("words", ANNOUNCED)
def test_an_announcement_without_an_attachment_is_found(words: str) -> None:
    assert "announced-but-missing" in findings(f"{GOOD_HEADERS}\n{words}\n".encode())
    assert "announced-but-missing" not in findings(named("a.pdf").replace(b"Good morning", words.encode()))


@pytest.mark.parametrize("words", NOT_ANNOUNCED)
def test_other_words_about_attachments_announce_nothing(words: str) -> None:
    assert "announced-but-missing" not in findings(f"{GOOD_HEADERS}\n{words}\n".encode())
