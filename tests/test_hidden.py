"""What of a message nobody sees: the walk over its text, and what is hidden for an honest reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import BEYOND_THE_CACHES, assert_in_proportion
from hypothesis import given
from test_html_samples import document, nested, newsletter, soup

from spamlint import Linter, Message
from spamlint.hidden.spots import Seen, Spot, seen
from spamlint.html.runs import hidden_runs, shown_runs
from spamlint.limits import Limits
from spamlint.unread import limits_reached
from spamlint.verdict import Policy

HIDDEN_RULES = Linter(Policy(select=("hidden", "accessibility")))
TEXT = "<p>The bread is ready to be fetched at the counter of the shop in Mill Lane.</p>"


def found(html: str) -> Seen:
    return Message.draft(html.encode(), "mail.html").fact(seen)


def hidden(html: str) -> list[tuple[str, str]]:
    return [(spot.kind, " ".join(spot.words)) for spot in found(html).hidden]


def written(spot: Spot) -> str:
    return spot.text.span.raw.decode()


def test_the_runs_are_the_visible_and_the_hidden_text() -> None:
    html = "<p>a<b>b<i hidden>c</i></b>d<br>e</p><u style='display:none'>f<br><s>g</s>h</u>i"
    read = document(html)
    shown = [(data, read.element(number).tag if number >= 0 else "") for data, number, _ in shown_runs(read)]
    assert [run for run in shown if run[0]] == [("a", "p"), ("b", "b"), ("d", "p"), ("e", "p"), ("i", "")]
    away = [(data, read.element(number).tag) for data, number, _ in hidden_runs(read) if data]
    assert away == [("c", "i"), ("f", "u"), ("g", "s"), ("h", "s")]


def test_each_way_to_hide_has_a_name() -> None:
    html = f"""<style>.n {{ display: none }}</style>{TEXT}
    <p class=n>one painter</p><p style="left:-900px;position:fixed">two painters</p>
    <p style="font-size:1px">three painters</p><p style="color:#fefefe">four painters</p><p hidden>five painters</p>"""
    assert hidden(html) == [
        ("none", "one painter"), ("away", "two painters"), ("zero", "three painters"), ("same", "four painters"),
        ("none", "five painters"),
    ]  # fmt: skip


def test_a_spot_ends_with_its_line_and_knows_its_place() -> None:
    spots = found(f"{TEXT}<p style='color:white'>one <b>painter</b></p><p style='color:white'>two</p>").hidden
    assert [written(spot) for spot in spots] == ["one <b>painter", "two"]


def test_text_inside_a_word() -> None:
    spots = found(
        f"{TEXT}<p>ca<i hidden>xy</i>rd ca<i style='color:white'>x</i><b style='color:white'>y</b>sh</p>"
    ).hidden
    assert [(written(spot), spot.in_word) for spot in spots] == [("xy", True), ("x</i><b style='color:white'>y", True)]


def test_one_preview_line_is_honest_and_only_near_the_start() -> None:
    preview = "<div style='display:none'>Fresh rolls today</div>"
    assert hidden(preview + TEXT) == []
    assert hidden(preview + "<div hidden>and more of it</div>" + TEXT) == []
    assert hidden(preview + "Hi" + preview.replace("rolls", "painters") + TEXT) == [("none", "fresh painters today")]
    assert hidden(TEXT + preview) == [("none", "fresh rolls today")]
    assert hidden(TEXT + preview.replace("none", "none;mso-hide:all")) == []
    assert hidden(preview.replace("Fresh", "lantern painter " * 30) + TEXT) != []


def test_versions_for_other_screens_are_honest() -> None:
    media = "<style>@media (max-width: 400px) { .phone { display: block } }</style>"
    assert hidden(f"{media}{TEXT}<div class=phone style='display:none'>Ring us</div>") == []
    assert hidden(f"{media}{TEXT}<div class=desk style='display:none'><p class=phone>Ring us</div>") == []
    assert hidden(f"{media}{TEXT}<div class=desk style='display:none'>Ring us</div>") == [("none", "ring us")]
    assert hidden(f"{TEXT}<div style='display:none'>the bread is ready</div>") == []


def test_colours_that_another_sheet_may_change_are_not_known() -> None:
    line = f"{TEXT}<p style='color:white'>four painters</p>"
    assert hidden(line) == [("same", "four painters")]
    assert hidden('<link rel="stylesheet" href="https://a.example/a.css">' + line) == []
    assert hidden('<style>@import "https://a.example/a.css";</style>' + line) == []


def test_what_a_template_fills_in_is_no_text() -> None:
    assert hidden(f"{TEXT}<p style='color:white'>{{{{ name }}}} {{% if a %}} <%= b %></p>") == []


def test_a_good_newsletter_hides_nothing() -> None:
    message = Message.draft(newsletter(20_000).encode(), "mail.html")
    verdict = Linter().check(message)
    assert [finding.rule for finding in verdict.findings if finding.rule.startswith("hidden/")] == []
    assert verdict.errors == ()


def test_a_style_sheet_beyond_the_limit_is_told() -> None:
    html = "<style>" + ".a { color: red }" * 20 + "</style>" + TEXT
    message = Message.draft(html.encode(), "mail.html", limits=Limits(style_rules=10))
    assert limits_reached(message) == ()
    message.fact(seen)
    assert [defect.code for defect in limits_reached(message)] == ["limit-styles"]
    work = Message.draft(html.encode(), "mail.html", limits=Limits(style_work=5))
    work.fact(seen)
    assert limits_reached(work) == ()


@given(soup)
def test_nothing_raises_and_every_place_is_known(html: str) -> None:
    message = Message.draft(html.encode("utf-8", "replace"), "mail.html")
    for page in message.fact(seen).pages:
        for spot in page.spots:
            assert spot.text.span.start <= spot.text.span.end
    assert message.fact(seen).hidden is message.fact(seen).hidden


@given(nested)
def test_a_run_stands_in_its_element(html: str) -> None:
    read = document(html)
    for data, number, _ in shown_runs(read):
        if number >= 0 and read.element(number).tag != "a":
            assert " ".join(data.split()) in " ".join(read.element(number).content.value.split())


MEDIA = "<style>@media (max-width: 400px) { .m { color: red } } .h { display: none }</style>"
GROWING: dict[str, Callable[[int], str]] = {
    "hidden spots": lambda n: "".join(f"<p style='display:none'>painter {one}</p>y" for one in range(n)),
    "hidden in hidden": lambda n: MEDIA + TEXT + "<div class=h>painter" * n,
    "white spots": lambda n: f"{TEXT}<p style='color:white;{'a' * n}'>" + "painter <br>" * n,
    "words in pieces": lambda n: "a<b>b</b>" * n + "c<!-- -->" * n,
    "hidden links": lambda n: "<a style='display:none' href='https://a.example/'>painter</a>" * n,
    "links in hidden text": lambda n: TEXT + "<div hidden>" + "<a href='https://a.example/'>painter" * n,
    "numbered letters": lambda n: "&#97;&#98" * n,
    "jumbled letters": lambda n: "aB3" * n + " " + "aB3dE6gH9kL2nO5qR8tU1wX4zA7cD0fG " * n,
    "comments": lambda n: "<!-- a painter -->" * n + "<!--" + " painter" * n + "-->",
    "words": lambda n: "<title>a painter and more</title>" + "bread " * n,
}


def check(html: str) -> None:
    message = Message.draft(html.encode(), "mail.html", subject="Bread")
    for rule in HIDDEN_RULES.rules:
        if rule.check is not None:
            list(rule.check(message, **rule.params))


@pytest.mark.parametrize("kind", GROWING)
def test_cost_grows_in_proportion(kind: str) -> None:
    assert_in_proportion(check, GROWING[kind](300), GROWING[kind](3_000), BEYOND_THE_CACHES)
