"""Parts of the language server by themselves: positions, edits, where a comment can stand, quick fixes, Markdown."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.editor.documents import Document, Edit
from spamlint.editor.ignoring import ignoring, solid_pieces
from spamlint.editor.jobs import Answer, Job, options_of
from spamlint.editor.kinds import kind_of
from spamlint.editor.lint import Desk, answer
from spamlint.editor.markdown import escaped
from spamlint.editor.positions import Encoding, Lines

TEXT = st.text(alphabet=st.sampled_from("ab\t\r\n\u00e9\u20ac\u2028\x0b\U0001f600\ud83d"), max_size=30)
ENCODINGS = st.sampled_from(["utf-8", "utf-16", "utf-32"])


def units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32":
        return len(text)
    size = 1 if encoding == "utf-8" else 2
    return len(text.encode("utf-8" if size == 1 else "utf-16-le", "surrogatepass")) // size


@given(TEXT, ENCODINGS, st.data())
def test_offsets_become_positions_and_back(text: str, encoding: Encoding, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    before = re.split(r"\r\n|\r|\n", text[:offset]) if text[offset - 1 : offset + 1] != "\r\n" else None
    if before is None or any(a == "\ud83d" for a in text):
        return  # between CR and LF there is no position, and half a pair is no character
    lines = Lines(text, encoding)
    assert lines.point(offset) == (len(before) - 1, units(before[-1], encoding))
    assert lines.offset(lines.point(offset)) == offset


@given(
    TEXT, ENCODINGS, st.tuples(st.integers(0, 9), st.integers(0, 40)), st.tuples(st.integers(0, 9), st.integers(0, 40))
)
def test_any_edit_is_borne(text: str, encoding: Encoding, start: tuple[int, int], end: tuple[int, int]) -> None:
    document = Document("file:///a.html", "/a.html", "html", 1, text, encoding)
    edited = document.edited([Edit("xy", start, end)], 2)
    assert edited.text.startswith(text[: Lines(text, encoding).offset(start)] + "xy")
    assert text.endswith(edited.text.partition("xy")[2])
    assert edited.version == 2


def test_a_position_inside_a_character_is_the_one_before_it() -> None:
    assert Lines("a\U0001f600b").offset((0, 2)) == 1
    assert Lines("a\u00e9b", "utf-8").offset((0, 2)) == 1


def ignored(text: str, needle: str | None) -> str:
    offset = text.index(needle) if needle is not None else None
    for change in reversed(ignoring(text, offset, "a/b", solid_pieces(text), "<!-- {} -->")):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def test_a_comment_never_stands_inside_a_tag_or_a_style_sheet() -> None:
    on, start, end = (f"<!-- spamlint-ignore{scope} a/b -->" for scope in ("", "-start", "-end"))
    assert ignored("<p>\r\n\t<b x=1>\r\n", "x=1") == f"<p>\r\n\t{on}\r\n\t<b x=1>\r\n"
    assert ignored("<style>\na{x:1}\n</style>.", "x:1") == f"{start}<style>\na{{x:1}}\n</style>{end}."
    assert ignored("<i><b\n x=1>.", "x=1") == f"<i>{start}<b\n x=1>{end}."
    assert ignored("<p a='\n> '><b x=1>", "x=1") == f"<p a='\n> '>{on}<b x=1>"
    assert ignored("{% if\n a %}<b x=1>", "x=1") == f"{{% if\n a %}}{on}<b x=1>"
    assert ignored("words here", "here") == f"{on}\nwords here"
    assert ignored("<p>\r\n</p>", None) == "<p>\r\n</p>\r\n<!-- spamlint-ignore-file a/b -->\r\n"


@pytest.mark.parametrize("piece", ["<a ", '<a "', "<a '", "<!--", "<style>", "{{", "{%", "{#", "<a \"'"])
def test_what_a_comment_must_not_stand_in_is_found_in_linear_time(piece: str) -> None:
    start = time.perf_counter()
    solid_pieces(piece * 100_000)
    solid_pieces(piece * 100_000 + "\"'>")
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    ("path", "language", "text", "kind"),
    [
        ("a.eml", "plaintext", "<p>", "message"),
        ("a.html.j2", "jinja", "", "text/html"),
        ("a.txt.jinja", "jinja-html", "<p>", "text/plain"),
        ("", "html", "x", "text/html"),
        ("a.mjml", "xml", "<mjml>", "text/html"),
        ("mail", "", "Subject: x\n\n", "message"),
        ("a.j2", "", "Dear {{ name }}", "text/plain"),
        ("a.j2", "", "<table>{{ name }}", "text/html"),
    ],
)
def test_what_a_file_stands_for(path: str, language: str, text: str, kind: str) -> None:
    assert kind_of(path, language, text) == kind


def test_mail_text_in_markdown_stays_text() -> None:
    assert escaped("*a* [b](c) `d` <e> #f") == r"\*a\* \[b\](c) \`d\` \<e\> \#f"
    assert escaped("http://evil.example www.evil.example") == r"http\://evil.example www\.evil.example"
    assert escaped("- a\n1. b") == "&#45; a\\\\x0a1. b"


def test_options_of_an_editor_are_checked() -> None:
    options, problems = options_of({"ignore": ["html"], "lang": "nl", "profile": None})
    assert (options.ignore, options.lang, problems) == (("html",), "nl", [])
    _, problems = options_of({"profile": "bulky", "ignore": "html"})
    assert problems[0].startswith("settings of the editor: spamlint.profile: must be one of draft")
    assert problems[1].startswith("settings of the editor: spamlint.ignore: must be a list of strings")


def test_lone_surrogates_and_nothing_at_all_are_linted() -> None:
    for text in ("", "\ud800", "<p>\ud800<b onclick=a>x"):
        found = answer(Job("", "", "html", text), Desk())
        assert isinstance(found, Answer)
        assert found.problem == ""
        assert all(spot is None or 0 <= spot.start <= spot.end <= len(text) for n in found.notes for spot in n.spots)
