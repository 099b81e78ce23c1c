"""The HTML report: that it holds together, that nothing gets out of its place, and that nothing is ever fetched."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hostile import HTML, MEAN, clean, ending, message, report
from test_report_formats import whole

from spamlint.message import Message
from spamlint.report import html, page_words, previews, sheets
from spamlint.report.annotate import annotated
from spamlint.report.data import Sheet
from spamlint.report.sheets import with_sheets
from spamlint.verdict import LANGUAGES, Language

NOT_CLOSED = {"meta", "link", "img", "col", "br"}
FETCHING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "manifest", "xlink:href"}


class Page(HTMLParser):
    """Elements with their attributes, ids, and the tags that are closed in another order than they were opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in NOT_CLOSED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.elements if name in attrs]


def page(*, language: Language = "en") -> Page:
    return Page(whole("html", [report(language), clean(), replace(report(language), message_index=2)], language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_every_link_inside_it_leads_somewhere(language: Language) -> None:
    found = page(language=language)
    assert (found.wrong, found.open) == ([], [])
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    inside = [value[1:] for value in found.values("href") if value.startswith("#")]
    assert len(inside) > 20
    assert set(inside) <= set(ids)
    named = [value for names in found.values("aria-labelledby") for value in names.split()]
    assert set(named) <= set(ids)


def test_no_script_and_no_handler_runs_in_the_page() -> None:
    found = page()
    assert "script" not in {tag for tag, _ in found.elements}
    assert not [name for _, attrs in found.elements for name in attrs if name.startswith("on")]


def test_the_page_and_the_previews_hold_no_reference_to_the_network() -> None:
    found = page()
    frames = [attrs for tag, attrs in found.elements if tag == "iframe"]
    assert len(frames) == 2
    for attrs in frames:
        assert attrs["sandbox"] == ""
        assert "src" not in attrs
        inside = Page(attrs["srcdoc"] or "")
        assert inside.elements[0][0] == "meta"
        assert inside.elements[1][1] == {"http-equiv": "Content-Security-Policy", "content": html.POLICY}
        assert [value for name in FETCHING - {"src"} for value in inside.values(name)] == []
        assert inside.values("src") == ["data:image/png;base64,AAAA"]
        assert set(inside.values("href")) == {"#"}
        assert inside.values("srcdoc") == []
        assert not re.search(r"url\s*\(|@import|//x\.example", attrs["srcdoc"] or "", re.IGNORECASE)
    policy = [attrs["content"] for _, attrs in found.elements if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy == [html.POLICY]
    assert html.POLICY.startswith("default-src 'none';")
    assert [value for name in FETCHING for value in found.values(name)] == []
    assert "link" not in {tag for tag, _ in found.elements}
    (style,) = (text for text in found.texts if "--ground" in text)
    assert not re.search(r"url\s*\(|@import", style)


def test_links_out_of_the_page_are_those_of_the_rules() -> None:
    out = {value for value in page().values("href") if not value.startswith("#")}
    assert out == {"https://www.rfc-editor.org/rfc/rfc5322"}


def test_a_reference_that_is_no_page_is_no_link() -> None:
    refs = {"phrases/free": ("javascript:alert(1)", "https://a.example/")}
    text = html.entry(html.environment(), report(), 1, refs, "en")
    assert [value for value in Page(text).values("href") if not value.startswith("#")] == ["https://a.example/"]


def test_mail_text_is_shown_as_it_is_written() -> None:
    shown = "".join(page().texts)
    assert "]]>{{ 7*7 }}{% raw %}</script></style></iframe>\"'><b>&amp;[a](http://b){0}|`" in shown
    assert "49" not in re.sub(r"\d{3,}", "", "".join(re.findall(r"]]>(.{8})", shown)))
    assert "\\u202e" in shown


def test_findings_are_marked_where_they_are_in_the_source() -> None:
    text = html.entry(html.environment(), report(), 1, {}, "en")
    marks = re.findall(r'<mark class="(\w+)"><a href="#m1-f(\d)" title="[^"]*">(.*?)</a></mark>', text)
    numbers = {one.rule: str(number) for number, one in enumerate(report().findings, 1)}
    free = [(severity, said) for severity, number, said in marks if number == numbers["phrases/free"]]
    assert free == [("warning", "free")] * 3
    assert ("note", numbers["structure/no-date"], "") in marks


def test_an_excerpt_has_carets_under_the_place() -> None:
    text = html.entry(html.environment(), report(), 1, {}, "en")
    excerpts = re.findall(r'<pre class="excerpt">(.*?)\n<span class="caret">( *\^+)</span></pre>', text)
    plain = next((line, carets) for line, carets in excerpts if line == "free of marks.")
    assert plain[1] == "^^^^"


def test_one_message_needs_no_index() -> None:
    assert "nav" not in {tag for tag, _ in Page(whole("html", [report()])).elements}
    many = page()
    assert "nav" in {tag for tag, _ in many.elements}


def test_the_page_can_be_used_without_a_pointer_and_in_any_light() -> None:
    text = whole("html", [report(), clean()])
    found = Page(text)
    assert found.elements[next(i for i, row in enumerate(found.elements) if row[0] == "body") + 1][1]["class"] == "skip"
    assert all(attrs.get("title") for tag, attrs in found.elements if tag == "iframe")
    assert text.count("<h1>") == 1
    assert {"prefers-color-scheme: dark", ":focus-visible", "@media print", "max-width: 36rem"} <= set(
        re.findall(r"prefers-color-scheme: dark|:focus-visible|@media print|max-width: 36rem", text)
    )


def test_every_language_has_the_words_of_the_page() -> None:
    for language in LANGUAGES:
        assert page_words.WORDS[language].keys() == page_words.WORDS["en"].keys()
        for key, said in page_words.WORDS[language].items():
            assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", page_words.WORDS["en"][key])), key


def test_unreadable_files_are_told() -> None:
    head = html.head(html.environment(), [], ending(clean()), "en")
    assert "<code>bad\\udcff\\u202e.eml</code>: Permission denied" in head


# What is shown of a message


def test_sheets_hold_headers_and_decoded_parts() -> None:
    made = report()
    assert [(sheet.part, sheet.content_type) for sheet in made.sheets] == [
        (None, ""),
        ("1", "text/plain"),
        ("2", "text/html"),
    ]
    raw = dict(made.sheets[0].lines)
    assert raw[3] == "MIME-Version: 1.0"
    assert "Content-Transfer-Encoding: base64" in raw.values()
    assert not any(re.fullmatch(r"[A-Za-z0-9+/=]{70,}", line) for line in raw.values())
    assert [text for _, text in made.sheets[2].lines] == HTML.split("\n")


def test_a_long_part_is_shown_around_its_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_LINES", 5)
    made = report()
    sheet = made.sheets[2]
    assert not sheet.is_whole
    numbers = [number for number, _ in sheet.lines]
    places = [place for one in made.findings for place in one.places if place is not None and place.part == "2"]
    assert {place.line for place in places} <= set(numbers)
    rows = list(annotated(sheet, made.findings))
    assert sum(row.skipped for row in rows) == numbers[-1] - len(numbers)


def test_what_is_too_large_is_not_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MOST_HTML", 100)
    made = report()
    assert [preview.html for preview in made.previews] == [None]
    text = html.entry(html.environment(), made, 1, {}, "en")
    assert "<iframe" not in text
    assert "is too large or too deep" in text


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg=="
EMBEDDED = """Subject: Bees
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html

<style>p { background: url("cid:bees@x.example") }</style><body background="cid:none">
<img src="cid:Bees@x.example"><p style="background: url(cid:bees@x.example)">a</p><img src="cid:drawing">
<img src="https://x.example/a.png">
--b
Content-Type: image/png
Content-ID: <bees@x.example>
Content-Transfer-Encoding: base64

%s
--b
Content-Type: image/svg+xml
Content-ID: <drawing>

<svg xmlns="http://www.w3.org/2000/svg" onload="a()"></svg>
--b--
"""


def test_pictures_in_the_message_are_shown() -> None:
    of = Message.from_bytes((EMBEDDED % PNG).encode())
    (preview,) = with_sheets(clean(), of).previews
    shown = f"data:image/png;base64,{PNG}"
    assert preview.html is not None
    assert [line.strip() for line in preview.html.splitlines()] == [
        f"<style>p {{ background: url({shown}) }}</style><body >",
        f'<img src="{shown}"><p style="background: url({shown})">a</p><img >',
        "<img >",
    ]
    assert preview.left_out == 0


def test_pictures_that_are_too_large_stay_away_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    of = Message.from_bytes((EMBEDDED % PNG).encode())
    monkeypatch.setattr(previews, "MOST_PICTURES", 170)
    (preview,) = previews.previews_of(of)
    assert preview.html is not None
    assert preview.html.count("data:image/png") == 2
    assert preview.left_out == 1
    monkeypatch.setattr(previews, "MOST_PICTURE", 50)
    made = with_sheets(clean(), of)
    assert made.previews[0].left_out == 3
    text = html.entry(html.environment(), made, 1, {}, "en")
    assert "too large to be shown here: 3" in text


def test_a_mail_without_a_place_in_its_lines_has_sheets_all_the_same() -> None:
    of = Message.draft(b"<p>Hello", "a.html")
    made = with_sheets(clean(), of)
    assert [(sheet.part, sheet.lines) for sheet in made.sheets] == [("1", ((1, "<p>Hello"),))]
    assert made.previews[0].html == "<p>Hello"


def test_places_that_overlap_or_lie_beyond_the_line_are_cut_to_pieces() -> None:
    made = report()
    (free,) = (one for one in made.findings if one.rule == "phrases/free")
    place = next(place for place in free.places if place is not None and place.part == "1")
    wide = replace(place, column=1, end_column=99)
    late = replace(place, column=3, end_column=3)
    found = [replace(free, places=(wide,)), replace(free, places=(place, late))]
    (row,) = annotated(Sheet("1", "text/plain", ((2, "free of"),), is_whole=True), found)
    assert [(piece.text, piece.findings) for piece in row.pieces] == [
        ("fr", (1, 2)), ("", (2,)), ("ee", (1, 2)), (" of", (1,)),
    ]  # fmt: skip
    assert row.starting == (1, 2)


def test_the_message_in_the_test_is_read_as_it_is_meant() -> None:
    assert [part.path for part in message().body_parts] == ["1", "2"]
    assert MEAN in HTML
