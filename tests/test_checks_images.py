"""What the examples of the rules on pictures cannot show: that the cure cures, bytes, drafts, and what stays silent."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_pictures import GIF_FRAME, GIF_HEAD, mail, png

from spamlint import Linter, Message, Policy
from spamlint.verdict import SEVERITIES, Finding, Verdict

BALANCE = ("images/little-text", "images/image-only", "images/single-linked-image", "images/logo-only")
LINTER = Linter(Policy(select=BALANCE))
EVERY = Linter(Policy(select=("images",)))

Sizes = Sequence[tuple[int, int]]

sizes = st.lists(st.one_of(st.just((200, 200)), st.tuples(st.integers(1, 700), st.integers(1, 900))), max_size=6)
counts = st.one_of(st.integers(0, 12), st.integers(0, 400))


def verdict(message: Message, linter: Linter = EVERY) -> Verdict:
    found = linter.check(message)
    assert found.errors == ()
    return found


def finding(rule: str, message: Message) -> Finding | None:
    return next((one for one in verdict(message).findings if one.rule == rule), None)


def points_of(rule: str) -> list[int]:
    """The score of a rule and those of its grades: they are fitted, so that no test can know them."""
    found = next(one for one in EVERY.rules if one.id == rule)
    return [found.score, *(grade.score for grade in found.grades)]


def balance(pictures: Sizes, words: int, *, linked: bool = False) -> Finding | None:
    """The one finding on pictures of these sizes beside that many words."""
    tags = "".join(
        f'<img src="https://bakery.example/{at}" width={w} height={h}>' for at, (w, h) in enumerate(pictures)
    )
    html = f"{'<a href=/>' * linked}{tags}{'</a>' * linked}<p>{'bread ' * words}</p>"
    findings = verdict(Message.draft(html.encode(), "mail.html"), LINTER).findings
    assert len(findings) <= 1
    return findings[0] if findings else None


def _declared(width: int, height: int) -> str:
    """Attributes of that size; none for the size that a picture is taken to have where there are none."""
    return "" if width == height == 200 else f" width={width} height={height}"


def number(found: Finding, name: str) -> int:
    value = found.values[name]
    assert isinstance(value, int)
    return value


def without_largest(pictures: Sizes, count: int) -> Sizes:
    return sorted(pictures, key=lambda size: size[0] * size[1])[: len(pictures) - count]


@given(sizes, counts, st.booleans())
def test_the_words_that_a_finding_asks_for_are_enough(pictures: Sizes, words: int, linked: bool) -> None:
    found = balance(pictures, words, linked=linked)
    if found is not None:
        more = number(found, "more")
        assert more > 0
        assert f"{more} more words" in found.say().message
        assert f"{more} woorden meer" in found.say("nl").message
        assert balance(pictures, words + more, linked=linked) is None


@given(sizes, counts, st.booleans())
def test_little_text_asks_for_no_more_than_is_needed(pictures: Sizes, words: int, linked: bool) -> None:
    found = balance(pictures, words, linked=linked)
    if found is not None and found.rule == "images/little-text":
        more, fewer = number(found, "more"), number(found, "fewer")
        assert balance(pictures, words + more - 1, linked=linked) is not None
        assert 0 < fewer <= len(pictures)
        assert f"leave out {fewer} picture(s)" in found.say().message
        assert balance(without_largest(pictures, fewer), words, linked=linked) is None
        assert balance(without_largest(pictures, fewer - 1), words, linked=linked) is not None


@given(sizes, counts)
def test_more_words_never_make_it_worse(pictures: Sizes, words: int) -> None:
    found = [balance(pictures, words + more) for more in (0, 40, 400)]
    severities = [SEVERITIES.index(one.severity) + 1 if one else 0 for one in found]
    assert severities == sorted(severities, reverse=True)


@pytest.mark.parametrize(
    ("words", "severity", "grade"),
    [(30, "note", 0), (20, "warning", 1), (11, "warning", 2), (41, None, None)],
)
def test_the_bands_of_little_text(words: int, severity: str | None, grade: int | None) -> None:
    found = balance([(600, 100), (600, 100)], words)
    score = None if grade is None else points_of("images/little-text")[grade]
    assert (found and found.severity, found and found.base_score) == (severity, score)


def test_pictures_alone_never_block() -> None:
    slices = (f'<a href=/><img src="https://other.example/p_{at}.png" width=600 height=300></a>' for at in range(90))
    data = "<img src='data:image/png;base64," + "A" * 200_000 + "'>"
    found = verdict(Message.draft("".join([*slices, data]).encode(), "mail.html"))
    assert found.outcome != "block"
    assert found.score <= 40


SIGNATURE = """<p>Good morning Bo, thanks, that is fine with me. See you on Tuesday at the mill.</p>
<p>Ann Bakker<br>Bakery Ann, Mill Lane 4, Molenaar<br>+31 6 1234 5678 - www.bakery.example</p>
<a href="https://bakery.example/"><img src="cid:logo" alt="Bakery Ann" width="220" height="90"></a>
<a href="https://social.example/ann"><img src="cid:icon" alt="Social" width="24" height="24"></a>"""


@pytest.mark.parametrize("text", [SIGNATURE, SIGNATURE.replace("Good morning Bo, thanks, that is fine with me. ", "")])
def test_a_signature_with_a_logo_raises_nothing(text: str) -> None:
    logo = ("Content-Type: image/png\nContent-ID: <logo>", png(440, 180))
    icon = ("Content-Type: image/png\nContent-ID: <icon>", png(48, 48))
    assert verdict(mail(text, logo, icon)).findings == ()


def test_a_short_answer_with_a_logo_raises_a_note_at_most() -> None:
    logo = ("Content-Type: image/png\nContent-ID: <logo>", png(440, 180))
    findings = verdict(mail('<p>Fine! Ann</p><img src="cid:logo" alt="Bakery" width="220">', logo)).findings
    assert [(found.rule, found.severity) for found in findings] == [("images/logo-only", "note")]


def test_a_photo_among_friends_is_a_note() -> None:
    head = b"MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Disposition: inline\r\n\r\n"
    found = finding("images/image-only", Message.from_bytes(head + png(1600, 1200)))
    assert found is not None
    assert (found.severity, found.base_score) == ("note", points_of("images/image-only")[0])
    assert found.places[0] is not None


@pytest.mark.parametrize(
    ("kilobytes", "grade"), [((900, 900), None), ((1100,), 0), ((800, 800, 800), 1), ((3000, 6000), 2)]
)
def test_bytes_are_counted(kilobytes: Sequence[int], grade: int | None) -> None:
    parts = [
        (f"Content-Type: image/png\nContent-ID: <p{at}>", png(400, 300) + bytes(size * 1_000))
        for at, size in enumerate(kilobytes)
    ]
    html = "<p>Good morning</p>" + "".join(f'<img src="cid:p{at}" width="90" alt="">' for at in range(len(parts)))
    found = finding("images/heavy-images", mail(html, *parts))
    assert (found and found.base_score) == (None if grade is None else points_of("images/heavy-images")[grade])
    if found is not None:
        assert abs(number(found, "total") - sum(kilobytes)) <= sum(kilobytes) // 100


def test_long_data_addresses_cost_more() -> None:
    long = base64.b64encode(png(90, 90) + bytes(90_000)).decode()
    found = finding("images/data-uri", Message.draft(f"<img src='data:image/png;base64,{long}'>".encode(), "mail.html"))
    assert found is not None
    points = points_of("images/data-uri")[1]
    assert (found.severity, found.base_score, number(found, "kilobytes")) == ("warning", points, 120)


def test_a_film_is_found_behind_its_first_kilobytes() -> None:
    pause = b"!\xfe" + (b"\xff" + bytes(255)) * 30 + b"\0"
    film = ("Content-Type: image/gif\nContent-ID: <a>", GIF_HEAD + GIF_FRAME + pause + GIF_FRAME + b";")
    assert finding("images/animated", mail('<p>Good morning</p><img src="cid:a">', film)) is not None


@pytest.mark.parametrize("rule", ["images/broken-cid", "images/foreign-host", "images/empty-text-beside-image"])
def test_a_draft_is_not_asked_for_what_comes_later(rule: str) -> None:
    html = '<img src="cid:logo"><img src="https://other.example/a.png" width="600" height="500">'
    assert finding(rule, Message.draft(html.encode(), "mail.html")) is None


@pytest.mark.parametrize("expression", ["{{ text }}", "{% block body %}", "*|LETTER|*", "<%= text %>", "%%text%%"])
def test_a_draft_whose_words_come_later_is_not_weighed(expression: str) -> None:
    poster = '<a href="/"><img src="https://bakery.example/a.png" width="600" height="500"></a>'
    assert verdict(Message.draft((poster + expression).encode(), "mail.html"), LINTER).findings == ()
    assert verdict(Message.draft(poster.encode(), "mail.html"), LINTER).findings != ()


def test_pictures_in_a_winmail_dat_are_not_missed() -> None:
    html = '<p>Good morning</p><img src="cid:logo" alt="">'
    assert finding("images/broken-cid", mail(html)) is not None
    assert finding("images/broken-cid", mail(html, ("Content-Type: application/ms-tnef", b"x"))) is None
