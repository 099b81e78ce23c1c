"""Mail programs: the table of support and how it is made, style sheets cut into pieces, uses and their contexts."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from spamlint.checks import clients as checks
from spamlint.clients.caniemail import table_from
from spamlint.clients.choice import share
from spamlint.clients.detect import UNSEEN, detector_of
from spamlint.clients.sheet import pieces
from spamlint.clients.support import load_support
from spamlint.clients.uses import Context, find_uses
from spamlint.errors import ConfigError
from spamlint.html import Document
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.rule import Hit, Rule
from spamlint.source import Source, source_text
from spamlint.verdict import Policy, Words

SUPPORT = load_support()
FEATURE = """---
title: "display:flex"
category: css
last_test_date: "2024-05-06"
stats: {
	gmail: {
		ios: { "2019-02": "n", "2020-11": "a #1" },
		android: { "2019-02": "y" },
}, outlook: {
        windows: {
            "2007": "n",
            "2019": "n #2",
        },
    }
}
notes_by_num: {
    "1": "Partial. Only with [some accounts](https://a.example/b), `inline-flex` never.",
    "2": "Buggy."
}
links: {
    "MDN": "https://a.example/"
}
---
"""
PUBLISHED = {
    "data": [
        {
            "slug": "css-display-flex",
            "title": "display:flex",
            "category": "css",
            "last_test_date": "2024-05-06",
            "stats": {
                "gmail": {"ios": {"2019-02": "n", "2020-11": "a #1"}, "android": {"2019-02": "y"}},
                "outlook": {"windows": {"2007": "n", "2019": "n #2"}},
            },
            "notes_by_num": {
                "1": "Partial. Only with [some accounts](https://a.example/b), `inline-flex` never.",
                "2": "Buggy.",
            },
        },
        {"slug": "amp", "title": "AMP", "category": "others", "last_test_date": "2024-05-06", "stats": {}},
    ]
}


def document(html: str) -> Document:
    return Document(source_text(Source("a", html.encode()), 0, len(html.encode())))


def used(html: str, *slugs: str) -> dict[str, list[str]]:
    uses = find_uses(document(html), SUPPORT, frozenset(slugs), 10)
    return {use.slug: [text.value for text in use.texts] for use in uses}


def cut(css: str) -> list[tuple[str, str]]:
    return [(piece.kind, css[piece.start : piece.end]) for piece in pieces(css)]


# The table


def test_the_table_that_comes_along_is_whole_and_names_its_licence() -> None:
    data = json.loads((Path(checks.__file__).parents[1] / "clients" / "data" / "caniemail.json").read_text("utf-8"))
    assert "MIT License" in data["licence"]
    assert "Rémi Parmentier" in data["licence"]
    assert data["date"] >= "2025"
    assert len(SUPPORT.features) > 250
    assert {client.partition(".")[0] for client in SUPPORT.clients} >= {"gmail", "outlook", "apple-mail", "yahoo"}


@pytest.mark.parametrize("as_folder", [True, False])
def test_both_forms_of_the_data_give_the_same_table(tmp_path: Path, as_folder: bool) -> None:
    if as_folder:
        folder = tmp_path / "caniemail" / "_features"
        folder.mkdir(parents=True)
        (folder / "css-display-flex.md").write_text(FEATURE)
        (folder / "_template.md").write_text(FEATURE.replace("flex", "template"))
        source = folder.parent
    else:
        source = tmp_path / "data.json"
        source.write_text(json.dumps(PUBLISHED))
    made = tmp_path / "made.json"
    made.write_text(table_from(source), "utf-8")
    support = load_support(made)
    feature = support.features["css-display-flex"]
    assert (support.date, support.clients) == ("2024-05-06", ("gmail.android", "gmail.ios", "outlook.windows"))
    assert (feature.title, feature.support) == ("display:flex", "yan")
    assert feature.notes == {"1": "Only with some accounts, inline-flex never.", "2": "Buggy."}
    assert feature.cited == {"gmail.ios": ["1"], "outlook.windows": ["2"]}


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"data": 1}', '{"data": [{"category": "css"}]}', "[" * 100_000, '{"data": []}', "\0"],
)
def test_what_is_no_data_of_caniemail_is_told_in_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "data.json"
    file.write_text(content)
    for step in (table_from, load_support):
        with pytest.raises(ConfigError) as told:
            step(file)
        assert str(told.value).startswith(str(file))
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "front",
    [
        "",
        "---\n---\n",
        "---\ncategory: css\n---\n",
        "---\ncategory: css\ntitle: x\nstats: {\n---\n",
        "---\ncategory: css\nx: {{{{",
    ],
)
def test_a_broken_feature_is_told_by_its_file(tmp_path: Path, front: str) -> None:
    (tmp_path / "css-x.md").write_text(front)
    with pytest.raises(ConfigError, match=str(tmp_path)):
        table_from(tmp_path)


def test_names_mean_families_and_clients_and_unknown_ones_are_told() -> None:
    assert SUPPORT.resolved(["outlook.windows", "thunderbird"]) == (
        "outlook.windows",
        "thunderbird.macos",
        "thunderbird.windows",
    )
    with pytest.raises(ConfigError) as told:
        SUPPORT.resolved(["gmial", "gmail", "outlook.window", "zzz"])
    lines = str(told.value).splitlines()
    assert lines[0] == "'gmial' is no mail program, did you mean 'gmail'?"
    assert lines[1] == "'outlook.window' is no mail program, did you mean 'outlook.windows'?"
    assert lines[2].startswith("'zzz' is no mail program; known are aol, ")


def test_clients_are_said_by_family() -> None:
    gmail = [client for client in SUPPORT.clients if client.startswith("gmail.")]
    assert SUPPORT.said([*gmail, "outlook.windows", "outlook.ios"]) == "Gmail, Outlook (iOS, Windows)"


# Seeing features


def test_nearly_every_feature_of_the_table_can_be_seen() -> None:
    unseen = {slug for slug, feature in SUPPORT.features.items() if detector_of(feature) is None}
    assert unseen - UNSEEN == {"css-display-none"}


@pytest.mark.parametrize(
    ("slug", "html", "found"),
    [
        ("css-unit-rem", '<p style="margin:0 1.5rem">', ["rem"]),
        ("css-unit-rem", '<p style="background:url(a1rem.png);width:2remy">', []),
        ("css-display-flex", '<p style="DISPLAY : inline-flex">', ["DISPLAY : inline-flex"]),
        ("css-left-right-top-bottom", '<p style="margin-left:1px;text-align:left">', []),
        ("css-left-right-top-bottom", '<p style="color:red;left:1px">', ["left"]),
        ("css-gap", '<p style="row-gap:1px">', ["row-gap"]),
        ("css-variables", '<p style="color:var(--a)">', ["var(--"]),
        ("css-pseudo-class-hover", "<style>a:hover { color: red }</style>", [":hover"]),
        ("css-pseudo-element-before", "<style>a::before { color: red }</style>", ["::before"]),
        ("css-selector-child", "<style>a > b { width: 1px }</style>", [">"]),
        ("css-selector-child", '<style><!-- a { content: ">" } --></style>', []),
        ("css-at-media-prefers-color-scheme", "<style>@media (prefers-color-scheme:dark) {}</style>", None),
        ("css-at-font-face", "<style>@font-face { src: x }</style>", ["@font-face"]),
        ("css-at-import", '<style>@import "a.css";</style>', ["@import"]),
        ("css-nesting", "<style>a { color: red; &:hover { color: blue } }</style>", ["&:hover"]),
        ("css-nesting", "<style>@media screen { a { color: red } }</style>", []),
        ("html-input-checkbox", '<input type="checkbox"><input type="text">', ["checkbox"]),
        ("html-anchor-links", '<a href="#top">x</a><a href="#">y</a>', ["#top"]),
        ("html-hidden", "<p hidden>x</p><p title=hidden>y</p>", [""]),
        ("html-semantics", "<section>x</section>", ["<section>"]),
        ("html-h1-h6", "<!-- <h1> --><h2>x</h2>", ["<h2>"]),
        ("image-svg", '<img src="a.svg?x=1"><img src="a.svg.png">', ['<img src="a.svg?x=1">']),
        ("image-base64", '<img src="data:image/png;base64,AA">', ['<img src="data:image/png;base64,AA">']),
    ],
)  # fmt: skip
def test_a_feature_is_seen_where_it_is_used_and_nowhere_else(slug: str, html: str, found: list[str] | None) -> None:
    seen = used(html, slug)
    if found is None:
        assert slug in seen
    else:
        assert seen.get(slug, []) == found


def test_a_use_knows_its_context() -> None:
    html = (
        "<style>a { opacity: 0 } @media screen { a { opacity: 1 } }</style>"
        '<p style="opacity:0.5">x</p><!--[if !mso]><!--><p style="opacity:0.5">x</p><!--<![endif]-->'
        '<div style="display:none;opacity:0">hidden</div>'
    )
    uses = find_uses(document(html), SUPPORT, frozenset({"css-opacity"}), 10)
    assert {use.context: use.count for use in uses} == {
        Context(): 1,
        Context(not_outlook=True): 1,
        Context(in_sheet=True): 1,
        Context(in_sheet=True, in_at_rule=True): 1,
    }


def test_a_use_counts_all_and_keeps_the_first_places() -> None:
    (use,) = find_uses(document('<p style="opacity:0.5">x</p>' * 30), SUPPORT, frozenset({"css-opacity"}), 4)
    assert (use.count, len(use.texts)) == (30, 4)


def test_a_style_sheet_is_cut_into_pieces() -> None:
    css = '@charset "x"; a, b { color: red; width: 1px } @media (x) { c { d: e } /* } */ } f { g: "}" }'
    assert cut(css) == [
        ("at", '@charset "x"'),
        ("selector", "a, b"),
        ("declarations", "color: red"),
        ("declarations", "width: 1px"),
        ("at", "@media (x)"),
        ("selector", "c"),
        ("declarations", "d: e"),
        ("selector", "f"),
        ("declarations", 'g: "}"'),
    ]


@pytest.mark.parametrize(
    "css", ["}", "{", "@", "a{", "/*", "'", "a{{{{}}}}}}", "@media{@font-face{a:b}}", ";;;", "<!--"]
)
def test_a_broken_style_sheet_is_cut_as_far_as_it_goes(css: str) -> None:
    for piece in pieces(css):
        assert 0 <= piece.start < piece.end <= len(css)


@pytest.mark.parametrize(
    "css",
    [
        "@media{",
        "a{",
        "/*",
        "'",
        '"',
        "}",
        "@media",
        "@",
        ".a",
        ".a.a",
        "a ",
        "a{b:c;",
        "left ",
        "<!--",
        "0",
        "display:",
    ],
)
def test_hostile_styles_take_time_in_proportion(css: str) -> None:
    every = frozenset(SUPPORT.features)
    message = Message.draft(f"<style>{css * 20_000}</style><p style='{css.replace(chr(39), '') * 20_000}'>x".encode())
    find_uses(message.documents[0], SUPPORT, every, 10)
    start = time.process_time()
    find_uses(message.documents[0], SUPPORT, every, 10)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "html",
    [
        "<a href=x>",
        "<a href=x></b>",
        "<a href=x>here</a>",
        "</a>",
        "</i>",
        "<table>",
        "<th>",
        "<h1>x",
        "• <br>",
        "<!--[if !mso]>",
        "<p style='text-transform:uppercase'>x ",
        "<p style='background:url(x)'>y",
        "<div style='color:#000;background:url(x)'>",
    ],
)
def test_hostile_html_takes_time_in_proportion(html: str) -> None:
    topics = Policy(select=("accessibility", "clients", "size"))
    message = Message.draft(f"<meta name=color-scheme content=dark>{html * 20_000}".encode())
    start = time.process_time()
    verdict = Linter(topics).check(message)
    assert verdict.errors == ()
    assert time.process_time() - start < 10


# What is told


def test_each_feature_is_a_finding_of_its_own_and_the_score_counts_once() -> None:
    def find(message: Message) -> list[Hit]:
        return [Hit(None, {"what": name}, 2, name) for name in ("a", "b", "a")]

    words = Words("title", "{what}, {count} times", "why", "fix")
    rule = Rule("x/y", "warning", 7, {"en": words}, check=find)
    verdict = Linter(rules=[rule]).check(Message.from_bytes(b"Subject: x\r\n\r\nx"))
    assert [finding.say().message for finding in verdict.findings] == ["a, 4 times", "b, 2 times"]
    assert verdict.score == 7


def test_without_chosen_clients_an_ordinary_newsletter_gets_no_finding() -> None:
    newsletter = Path(__file__).parent.parent / "examples" / "good-newsletter.eml"
    verdict = Linter(Policy(select=("clients",))).check(Message.from_bytes(newsletter.read_bytes()))
    assert verdict.findings == ()


@pytest.mark.parametrize("slug", checks.SEEN_LOSS)
def test_the_first_look_lets_each_feature_through(slug: str) -> None:
    words = {"css-modern-color": "oklch", "css-variables": "var", "css-block-inline-size": "block-size"}
    kind, _, word = slug.partition("-")
    word = words.get(slug, word.removeprefix("function-").removeprefix("display-"))
    html = {
        "css": f'<p style="{word}: 1px; color: {word}(--a); display: {word}">',
        "html": f"<{word} popover>",
        "image": f'<img src="a.{word.replace("heif", "heic")}">',
    }[kind]
    assert any(checks.widely_unsupported(Message.draft(html.encode()), at_least_percent=0)), html


def test_widely_unsupported_features_are_known_to_the_table() -> None:
    assert set(checks.SEEN_LOSS) <= SUPPORT.features.keys()
    assert set(checks.HARMLESS) <= SUPPORT.features.keys()
    assert any(share(SUPPORT, "n")[slug] >= 35 for slug in checks.SEEN_LOSS)
