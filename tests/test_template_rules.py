"""The rules that look at a template as its author wrote it: in every language, over several files, at exact places."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from growth import BEYOND_THE_CACHES, assert_in_proportion

from spamlint.cli import main
from spamlint.drafts import Companion, Drafts, Templates, worst
from spamlint.linter import Linter
from spamlint.source import Source
from spamlint.template.names import bound_in, last_of, names_in
from spamlint.template.rendering import Rendering
from spamlint.template.uses import sheet
from spamlint.verdict import Policy

MISTAKES = Path(__file__).parent.parent / "examples" / "templates" / "mistakes"
SHOWN = {
    "bill.html.j2": {
        "template/branch-without-link",
        "template/branch-without-subject",
        "template/line-break-in-subject",
        "template/long-text-in-subject",
        "template/name-without-fallback",
        "template/unencoded-in-link",
        "template/value-missing-from-text",
    },
    "late.html.erb": {"template/branch-without-text"},
    "member.liquid": {"template/branch-without-unsubscribe"},
    "news.hbs": {"template/fixed-unsubscribe-link", "template/markup-in-directive"},
    "offer.html": {"template/no-unsubscribe-value"},
}


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter(Policy(select=("template",)))


@pytest.fixture
def drafts() -> Iterator[Drafts]:
    made = Drafts()
    yield made
    made.close()


def found(
    linter: Linter, drafts: Drafts, template: str, name: str = "mail.html", **beside: str
) -> dict[str, list[tuple[str | None, int, int]]]:
    """The places of each rule of templates: file, line and column. `beside` are the other files of the mail."""
    others = [
        Companion("subject" if role == "subject" else "text", Source(f"mail.{role}.txt", text.encode()))
        for role, text in beside.items()
    ]
    messages = drafts.messages(template.encode(), name, content_type="text/html", companions=others)
    _, verdict = worst([linter.check(message) for message in messages])
    assert verdict.errors == ()
    rows: dict[str, list[tuple[str | None, int, int]]] = {}
    for finding in verdict.findings:
        places = [(place.file, place.line, place.column) for place in finding.places if place is not None]
        rows.setdefault(finding.rule.removeprefix("template/"), []).extend(places)
    return rows


def test_the_examples_show_each_rule_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(MISTAKES)
    assert main(["check", "--no-config", "--select", "template", "--format", "json", "."]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert {row["path"]: {one["rule"] for one in row["findings"]} for row in files} == SHOWN
    counts = [one["count"] for row in files for one in row["findings"]]
    assert counts == [1] * len(counts)


@pytest.mark.parametrize(
    ("language", "template"),
    [
        ("jinja2", "Dear {{ name }},\n{% if a %}<a href='https://b.example'>b</a>{% else %}c{% endif %}"),
        ("django", "Dear {{ name }},\n{% if a %}<a href='https://b.example'>b</a>{% else %}c{% endif %}"),
        ("liquid", "Dear {{ name }},\n{% if a %}<a href='https://b.example'>b</a>{% else %}c{% endif %}"),
        ("twig", "Dear {{ name }},\n{% if a %}<a href='https://b.example'>b</a>{% else %}c{% endif %}"),
        ("handlebars", "Dear {{ name }},\n{{#if a}}<a href='https://b.example'>b</a>{{else}}c{{/if}}"),
        ("handlebars", "Dear {{ name }},\n{{#a}}<a href='https://b.example'>b</a>{{/a}} {{^a}}c{{/a}}"),
        ("go", "Dear {{ .Name }},\n{{if .A}}<a href='https://b.example'>b</a>{{else}}c{{end}}"),
        ("erb", "Dear <%= @name %>,\n<% if @a %><a href='https://b.example'>b</a><% else %>c<% end %>"),
        ("ejs", "Dear <%= name %>,\n<% if (a) { %><a href='https://b.example'>b</a><% } else { %>c<% } %>"),
        ("freemarker", "Dear ${name},\n<#if a><a href='https://b.example'>b</a><#else>c</#if>"),
        ("velocity", "Dear ${name},\n#if($a)<a href='https://b.example'>b</a>#else c#end"),
        ("merge-tags", "Dear *|NAME|*,\n*|IF:A|*<a href='https://b.example'>b</a>*|ELSE:|*c*|END:IF|*"),
        ("mjml", "<mj-text>Dear {{name}},\n*|IF:A|*<a href='https://b.example'>b</a>*|ELSE:|*c*|END:IF|*</mj-text>"),
    ],
)
def test_names_and_branches_are_read_in_every_language(
    linter: Linter, drafts: Drafts, language: str, template: str
) -> None:
    drafts.templates = Templates(language)
    rows = found(linter, drafts, template)
    begin = template.index("Dear ") + len("Dear ")
    assert rows["name-without-fallback"] == [(None, 1, begin + 1)]
    last = template.split("\n")[1]
    signs = ("{{^", "{% else", "{{else", "<% else", "<% }", "<#else", "#else", "*|ELSE")
    mark = min(place for sign in signs if (place := last.find(sign)) >= 0)
    assert rows["branch-without-link"] == [(None, 2, mark + 1)]


def test_each_finding_names_its_file(linter: Linter, drafts: Drafts) -> None:
    drafts.templates = Templates("handlebars")
    rows = found(
        linter,
        drafts,
        "<p>You owe {{ total }}.</p>",
        subject="{{#if late}}Pay, {{ reason }}{{/if}}",
        text="Dear {{ name }},\nyou owe\n{{#if late}}it: https://b.example{{else}}nothing{{/if}}",
    )
    assert rows["branch-without-subject"] == [("mail.subject.txt", 1, 1)]
    assert rows["long-text-in-subject"] == [("mail.subject.txt", 1, 18)]
    assert rows["branch-without-link"] == [("mail.text.txt", 3, 34)]
    assert rows["name-without-fallback"] == [("mail.text.txt", 1, 6)]
    assert rows["value-missing-from-text"] == [(None, 1, 12)]


def test_samples_tell_what_is_missing_in_masked_files_too(linter: Linter, drafts: Drafts) -> None:
    sample = {"name": "Ann", "rows": [{"title": "Rye"}], "shop": {"city": "Utrecht"}}
    drafts.templates = Templates("handlebars", {"ann": sample, "bo": {**sample, "extra": 1}})
    rows = found(
        linter,
        drafts,
        "{{name}} {{#each rows}}{{title}} {{@index}} {{prcie}}{{/each}} {{shop.city}} {{shop.street}} {{extra}}",
        text="{{name}} {{title}} {{prcie}} {{city}} {{street}} {{extra}} {{nmae}}",
    )
    assert sorted(row[2] for row in rows["undefined-variable"] if row[0] is None) == [45, 78, 94]
    assert sorted(row[2] for row in rows["undefined-variable"] if row[0] == "mail.text.txt") == [20, 39, 50, 60]


@pytest.mark.parametrize(
    "template",
    [
        "{% if a %}<a href='https://b.example'>b</a>{% else %}c{% endif %}<a href='https://c.example'>c</a>",
        "{% if a %}<a href='https://b.example'>b</a>{% else %}{% include 'button.html' %}{% endif %}",
        "{% if a %}<a href='https://b.example'>b</a>{% else %}{{ button }}{% endif %}",
        "{% if a %}<a href='https://b.example'>b</a>{% else %}{{ body|safe }}{% endif %}",
        "{% if a %}<a href='https://b.example'>b</a>{% endif %} words",
        "{% for a in b %}<a href='https://b.example'>b</a>{% endfor %}",
        "{% if a %}<a href='#b'>b</a>{% else %}c{% endif %}",
        "{% if a %}<!-- <a href='https://b.example'>b</a> -->{% else %}c{% endif %}",
        "{% extends 'base.html' %}{% if a %}<a href='https://b.example'>b</a>{% else %}c{% endif %}",
    ],
)
def test_a_branch_without_a_link_is_none_where_there_may_be_one(linter: Linter, drafts: Drafts, template: str) -> None:
    for language in ("jinja2", "django"):
        drafts.templates = Templates(language)
        assert "branch-without-link" not in found(linter, drafts, template)


def test_what_is_put_into_others_is_no_mail_by_itself(linter: Linter, drafts: Drafts) -> None:
    template = "{% if a %}<a href='https://b.example'>b</a>{% else %}c{% endif %}"
    for name in ("mails/partials/foot.html", "mails/_foot.html", "includes\\foot.html"):
        assert found(linter, drafts, template, name) == {}
    assert found(linter, drafts, template, "mails/order_parts.html") == {"branch-without-link": [(None, 1, 44)]}


def test_a_link_in_an_included_file_is_seen(linter: Linter, drafts: Drafts, tmp_path: Path) -> None:
    (tmp_path / "base.html").write_text("<p>{% block a %}{% endblock %}</p><a href='https://b.example'>b</a>")
    (tmp_path / "bare.html").write_text("<p>{% block a %}{% endblock %}</p>")
    block = "{% block a %}{% if a %}<a href='https://b.example'>b</a>{% else %}c{% endif %}{% endblock %}"
    name = str(tmp_path / "mail.html.j2")
    assert "branch-without-link" not in found(linter, drafts, "{% extends 'base.html' %}" + block, name)
    assert "branch-without-link" in found(linter, drafts, "{% extends 'bare.html' %}" + block, name)


def test_a_subject_from_the_command_line_is_looked_at_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mail.html.j2").write_text("<p>Hello {{ name or 'you' }}</p>")
    subject = "{% if late %}Pay: {{ reason }}{% endif %}"
    code = main(["check", "--no-config", "--format", "json", "--subject", subject, str(tmp_path)])
    rules = {row["rule"] for row in json.loads(capsys.readouterr().out)["files"][0]["findings"]}
    assert code == 0
    assert {"template/branch-without-subject", "template/long-text-in-subject"} <= rules


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("user.name|default:other", ("user.name", "other")),
        ("'a' ~ user.name ~ \"b c\"", ("user.name",)),
        ("formatDate order.date 'short'", ("order.date",)),
        ("@user&.name || fallback", ("user.name", "fallback")),
        (".Order.Total", ("Order.Total",)),
        ("url_for('x', id=order.id)", ("order.id",)),
        ("link_to title, @url", ("title", "url")),
        ("<b>name</b>", ("name",)),
        ("a if b else c", ("a", "b", "c")),
        ("1 + 2", ()),
    ],
)
def test_the_names_in_code(code: str, names: tuple[str, ...]) -> None:
    assert names_in(code) == names


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("{% for key, value in table.items %}", {"key", "value"}),
        ("{% with a=b c=d.e %}", {"a", "c"}),
        ("{{#each rows as |row at|}}", {"row", "at"}),
        ("{{ range $i, $one := .Rows }}", {"i", "one"}),
        ("<% @rows.each do |row| %>", {"row"}),
        ("{% if a == b %}", set[str]()),
    ],
)
def test_the_names_that_a_template_gives(written: str, names: set[str]) -> None:
    assert set(bound_in(written)) == names


def test_the_last_part_of_a_name() -> None:
    assert [last_of(name) for name in ("user.firstName", "FNAME", "a.b_c")] == ["first_name", "fname", "b_c"]


def test_blocks_around_a_place(drafts: Drafts) -> None:
    drafts.templates = Templates("django")
    message, *_ = drafts.messages(
        b"{% if a %}1{% for b in c %}2{% endfor %}3{% endif %}{% if d %}4{% endif %}", "a.html"
    )
    assert isinstance(message.template, Rendering)
    file = sheet(message.template, "html")
    text = file.file.value
    around = [[block.marks[0].name for block in file.around(text.index(str(number)))] for number in range(1, 5)]
    assert around == [["if"], ["for", "if"], ["if"], ["if"]]
    assert file.parents == (-1, 0, -1)


HOSTILE = (
    ("django", "{% if a %}<a href='x'>{% else %}Hi {{ name }}{% endif %}"),
    ("django", "{% if a %}Hi {{ name }}"),
    ("handlebars", "{{#a}}x{{/a}}{{^a}}<a href='x?email={{ email }}'>{{/a}}"),
    ("handlebars", "{{#if a}}a{{else}}b{{/if}}<!-- <style>"),
    ("handlebars", "{{ <a href <b &nbsp; }}"),
    ("merge-tags", "*|A|* *|B| * |C|*"),
)


@pytest.mark.parametrize(("language", "piece"), HOSTILE)
def test_looking_at_templates_grows_in_proportion(linter: Linter, language: str, piece: str) -> None:
    drafts = Drafts(Templates(language))

    def look(template: str) -> None:
        raw = template.encode()
        others = [Companion("subject", Source("s", raw)), Companion("text", Source("t", raw))]
        for message in drafts.messages(raw, "a.html", content_type="text/html", companions=others)[:1]:
            assert linter.check(message).errors == ()

    assert_in_proportion(look, piece * 30, piece * 300, BEYOND_THE_CACHES)
