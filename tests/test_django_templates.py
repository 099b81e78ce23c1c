"""Django templates: planted defects at their exact place, what costs too much, what is not there, and project code."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from spamlint import drafts as drafts_module
from spamlint.cli import main
from spamlint.drafts import Drafts, Templates, worst
from spamlint.limits import DEFAULT_LIMITS
from spamlint.linter import Linter
from spamlint.source import Place
from spamlint.verdict import Verdict

pytest.importorskip("django", reason="Django is not installed: its templates are not rendered")

HASTY = replace(DEFAULT_LIMITS, template_seconds=3, template_output=200_000, template_memory=384 * 1024 * 1024)
HEAD = '{% load i18n %}<!DOCTYPE html>\n<html lang="en"><head><title>é</title></head><body>\n'


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


@pytest.fixture(scope="module")
def drafts() -> Iterator[Drafts]:
    made = Drafts(Templates(language="django"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Drafts]:
    """One with little time, text and memory."""
    made = Drafts(Templates(language="django"), HASTY)
    yield made
    made.close()


def judged(template: str, drafts: Drafts, linter: Linter, folder: Path = Path(), **more: object) -> Verdict:
    drafts.templates = replace(Templates(language="django", search_path=(folder,)), **more)  # type: ignore[arg-type]
    messages = drafts.messages(template.encode(), str(folder / "page.html"), content_type="text/html")
    verdict = worst([linter.check(message) for message in messages])[1]
    assert verdict.errors == ()
    return verdict


def rules(verdict: Verdict) -> set[str]:
    return {found.rule for found in verdict.findings}


def reasons(verdict: Verdict) -> list[tuple[str, tuple[str, int, int] | None]]:
    return [(row.reason, row.line) for row in verdict.not_covered]


def as_row(place: Place) -> tuple[str | None, int, int, int, int]:
    file = Path(place.file).name if place.file else None
    return file, place.line, place.column, place.end_line, place.end_column


def position(text: str, offset: int) -> tuple[int, int]:
    before = re.split(r"\r\n|\r|\n", text[:offset])
    return len(before), len(before[-1]) + 1


@dataclass(frozen=True)
class Defect:
    """Code of a template with the place marked by «», the rule that has to find it, and another file."""

    code: str
    rule: str
    file: str = ""


DEFECTS = {
    "script in an include": Defect(
        '{% include "part.html" with a=b %}',
        "script/script-element",
        "<p>a</p>\n {# é #}<b>b</b> «<script>»go()</script>\n",
    ),
    "script in an include in a loop": Defect(
        '{% for a in rows %}{% include "./part.html" only %}{% endfor %}',
        "script/script-element",
        "{{ x }}«<script>»</script>",
    ),
    "wrong link in a loop": Defect(
        '{% for one in rows %}\r\n\t<b>{{ one }}</b><a href="«javascript:go()»">{{ one.title }}</a>{% endfor %}',
        "script/script-uri",
    ),
    "missing alt in a block": Defect(
        '{% block part %}<b>é</b>«<img src="https://mill-lane-library.org/a.png" width="{{ size }}" height="90">»'
        "{% endblock %}",
        "images/missing-alt",
    ),
    "handler in one branch": Defect(
        "{% if a == 'no' %}<b>a</b>{% elif b %}<b «onclick=\"go()\"»>b</b>{% endif %}", "script/event-handler"
    ),
    "handler in a nested branch": Defect(
        "{% if a %}{% for b in c %}{% else %}{% endfor %}{% else %}{% if d %}x{% else %}<b «onclick=\"go()\"»>b</b>"
        "{% endif %}{% endif %}".replace("{% else %}{% endfor %}", "{% endfor %}"),
        "script/event-handler",
    ),
    "form where a list is empty": Defect(
        '{% for a in rows %}{% empty %}  «<form action="/x">»<b>x</b></form>{% endfor %}', "script/form"
    ),
    "words in a translation": Defect('<p>{% trans "Now «click here» twice" %}</p>', "wording/click-here"),
    "words in a translated block": Defect(
        "<p>{% blocktrans trimmed count n=rows|length %}\n one {{ n }}\n{% plural %}\n  many, «click here» now\n"
        "{% endblocktrans %}</p>",
        "wording/click-here",
    ),
    "frame without blanks": Defect(
        '{% spaceless %}\n <p> a </p> \n «<iframe src="https://mill-lane-library.org/">»</iframe>{% endspaceless %}',
        "script/iframe",
    ),
    "frame in with": Defect("{% with a=1 b=2 %}{% autoescape off %}«<iframe>»</iframe>{% endautoescape %}{% endwith %}",
                            "script/iframe"),
    "what a filter hides": Defect("«{% filter lower %}<IFRAME></IFRAME>{% endfilter %}»", "script/iframe"),
    "a link in an expression": Defect("<a href=\"«{{ a|default_if_none:'x'|cut:' '|add:'' }}»\">x</a>",
                                      "template/variable-alone-in-href"),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
@pytest.mark.parametrize("inherits", [False, True])
def test_planted_defects_are_found_at_their_line_and_column(
    name: str, inherits: bool, drafts: Drafts, linter: Linter, tmp_path: Path
) -> None:
    defect = DEFECTS[name]
    code = f"\n<p>é</p>\t{defect.code}\n"
    if inherits:
        (tmp_path / "base.html").write_text(HEAD + "{% block all %}<p>x</p>{% endblock %}</body></html>")
        marked = '{% extends "base.html" %}{% load i18n %}{% block all %}{{ block.super }}' + code + "{% endblock %}"
    else:
        marked = HEAD + code + "</body></html>"
    template = marked.replace("«", "").replace("»", "")
    (tmp_path / "part.html").write_bytes(defect.file.replace("«", "").replace("»", "").encode())
    marked = defect.file or marked
    begin = marked.index("«")
    end = marked.index("»") - 1
    plain = marked.replace("«", "").replace("»", "")
    verdict = judged(template, drafts, linter, tmp_path)
    wanted = ("part.html" if defect.file else None, *position(plain, begin), *position(plain, end))
    places = [place for finding in verdict.findings if finding.rule == defect.rule for place in finding.places]
    assert [as_row(place) for place in places if place is not None] == [wanted]
    assert verdict.not_covered == ()


def limits_in(verdict: Verdict) -> set[str]:
    return {str(found.values["limit"]) for found in verdict.findings if found.rule == "structure/limit-reached"}


LONG = '{% with a="' + "x" * 300 + '" %}' + "{% for b in a %}" * 4 + "{% endfor %}" * 4 + "{% endwith %}"
DOUBLING = '{% with a="x123456789" %}' + "{% with a=a|add:a %}" * 15 + "{{ a }}" + "{% endwith %}" * 16
SPENT = {
    "time": (LONG, {"template-seconds"}),
    "loop": ('{% with a="' + "x" * 999 + '" %}' + "{% for b in a %}" * 2 + "word " + "{% endfor %}" * 2
             + "{% endwith %}", {"template-output"}),
    "deep loops": ("{% for a in b %}" * 60 + "x" + "{% endfor %}" * 60, {"template-output"}),
    "doubling": (DOUBLING, {"template-memory", "template-output"}),
    "width": ('{{ "x"|center:999999999 }}', {"template-memory", "template-output"}),
    "huge width": ('{{ "x"|ljust:"99999999999999" }}', {"template-memory", "template-output"}),
    "lorem": ("{% lorem 99999999 p %}", {"template-memory", "template-output"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SPENT)
def test_what_takes_too_much_is_ended_and_told(name: str, hasty: Drafts, linter: Linter) -> None:
    template, limits = SPENT[name]
    verdict = judged("<p>Hello</p><script>x()</script>" + template, hasty, linter)
    assert limits_in(verdict) & (limits | {"template-seconds"})  # a busy machine may be too slow for the others
    assert verdict.incomplete
    assert "script/script-element" in rules(verdict)
    assert "script/form" in rules(judged("<p>Hello {{ name }}</p><form></form>", hasty, linter))


REFUSED = {
    "itself": "{% include 'itself.html' %}",
    "each other": "{% extends 'one.html' %}",
    "own parent": "{% extends 'page.html' %}",
    "deep": "{% if a %}" * 150 + "x" + "{% endif %}" * 150,
    "deep names": "{{ a" + ".b" * 3000 + " }}",
    "internals": "{{ a.__class__ }}",
    "nul": "{% include 'a\0b' %}",
    "long name": "{% include '" + "a" * 5000 + "' %}",
    "no text": "{{ \ud800 }}".encode("utf-8", "surrogatepass").decode("latin-1"),
    "unclosed": "{% for a in b %}<p>{{ a",
    "unclosed translation": "{% load i18n %}{% blocktrans %}{% if a %}",
    "comment": "{% comment %}<p>",
    "empty": "{% %}{{ }}",
    "file by a value": "{% include a %}{% include b.c|lower %}",
    "parent by a value": "{% extends base %}{% block a %}x{% endblock %}",
    "settings": "{% load i18n %}{% get_available_languages as a %}{{ a }}{% debug %}{% csrf_token %}",
    "bad numbers": "{{ a|date:9|add:b|divisibleby:0 }}{% widthratio a 0 100 %}{{ a|get_digit:'x' }}{{ a|slice:'::0' }}",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_fails_costs_no_verdict(name: str, drafts: Drafts, linter: Linter, tmp_path: Path) -> None:
    (tmp_path / "itself.html").write_text("{% include 'itself.html' %}")
    (tmp_path / "one.html").write_text("{% extends 'two.html' %}")
    (tmp_path / "two.html").write_text("{% extends 'one.html' %}")
    verdict = judged(REFUSED[name] + "{% block z %}<form></form>{% endblock %}", drafts, linter, tmp_path)
    assert verdict.outcome != "block"
    assert not limits_in(verdict)
    if "unclosed" not in name and name not in ("comment", "each other"):
        assert "script/form" in rules(verdict)


def test_includes_stay_inside_the_search_path(drafts: Drafts, linter: Linter, tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.html").write_text("<script>secret()</script>")
    (inside / "own.html").write_text("<form></form>")
    (inside / "link.html").symlink_to(outside / "secret.html")
    (inside / "folder").symlink_to(outside)
    (inside / "good.html").symlink_to(inside / "own.html")
    for name in ("link.html", "folder/secret.html", "../out/secret.html", str(outside / "secret.html")):
        for tag in ("include", "extends"):
            verdict = judged(f"{{% {tag} '{name}' %}}<p>Hello</p>", drafts, linter, inside)
            assert rules(verdict) & {"template/missing-include", "template/syntax-error"}, name
            assert "script/script-element" not in rules(verdict), name
    assert "script/form" in rules(judged("{% include 'good.html' %}", drafts, linter, inside))


def test_names_of_files_are_seen_from_the_folder_called_templates(linter: Linter, tmp_path: Path) -> None:
    mail = tmp_path / "templates" / "shop" / "mail"
    mail.mkdir(parents=True)
    (mail.parent / "foot.html").write_text("<form></form>")
    page = mail / "page.html"
    made = Drafts(Templates(language="django"))
    try:
        for name in ("shop/foot.html", "../foot.html"):
            messages = made.messages(f"{{% include '{name}' %}}".encode(), str(page))
            assert "script/form" in rules(worst([linter.check(message) for message in messages])[1]), name
    finally:
        made.close()


def test_every_branch_is_tried_and_what_no_context_reached_is_told(drafts: Drafts, linter: Linter) -> None:
    template = HEAD + "{% if a > 3 %}x{% elif b %}{% for c in d %}{% if not c %}y{% endif %}{% endfor %}\n{% endif %}"
    assert reasons(judged(template, drafts, linter)) == []
    verdict = judged(template, drafts, linter, contexts={"one": {"a": 5}})
    places = sorted(set(reasons(verdict)))
    assert places == [("template-branch", ("", 3, column)) for column in (1, 16, 28, 44)]


def test_values_of_a_context_and_those_that_it_lacks(drafts: Drafts, linter: Linter) -> None:
    template = (
        HEAD + "<p>{{ name }}{{ nmae }}{{ other|default:'x' }} {{ more|default:'' }}{{ due|date:'j F Y' }}"
        "{% if gone %}{% endif %}</p>"
    )
    verdict = judged(template, drafts, linter, contexts={"Ann": {"name": "Ann", "due": "2026-11-02"}})
    (found,) = [row for row in verdict.findings if row.rule == "template/undefined-variable"]
    assert [(place.line, place.column, place.end_column) for place in found.places if place] == [(3, 14, 24)]
    (message,) = drafts.messages(template.encode(), "page.html")
    assert "<p>Annx 2 November 2026</p>" in message.root.text.value


def test_a_template_is_the_same_mail_each_time(drafts: Drafts) -> None:
    drafts.templates = Templates("django")
    template = b"{{ data }} {{ rows|random }} {% lorem 3 w random %} {% now 'Y-m-d H:i' %}"
    first = [str(message.root.text) for message in drafts.messages(template, "a.html")]
    drafts.close()
    assert [str(message.root.text) for message in drafts.messages(template, "a.html")] == first
    assert "2026-11-02 09:30" in first[0]


def test_tags_and_filters_of_a_project_are_named(drafts: Drafts, linter: Linter) -> None:
    verdict = judged(HEAD + "{% load shop %}<p>{{ a|euros:2 }}</p><form></form>", drafts, linter)
    assert {"template/unknown-filter", "script/form"} <= rules(verdict)
    verdict = judged(HEAD + "{% load shop %}<p>{% price a %}</p><form></form>{{ a|b }}", drafts, linter)
    assert reasons(verdict) == [("template-tag", ("", 3, 19))]
    assert "script/form" in rules(verdict)
    assert not {rule for rule in rules(verdict) if rule.startswith("template/")}


def test_a_syntax_error_is_found_at_its_tag(drafts: Drafts, linter: Linter) -> None:
    for code, start, end in (
        ("{% if a %}", 4, 14),
        ("{% endfor %}", 4, 16),
        ("{{ a| }}", 4, 12),
        ("{% for a %}", 4, 15),
    ):
        verdict = judged(HEAD + "<p>" + code + "</p><form></form>", drafts, linter)
        (found,) = [row for row in verdict.findings if row.rule == "template/syntax-error"]
        assert [(place.line, place.column, place.end_column) for place in found.places if place] == [(3, start, end)]
        assert "script/form" in rules(verdict)


def test_a_tag_without_an_end_is_found_though_django_takes_it_for_text(drafts: Drafts, linter: Linter) -> None:
    verdict = judged(HEAD + "<p>{{ name }</p>", drafts, linter)
    (found,) = [row for row in verdict.findings if row.rule == "template/unclosed-directive"]
    assert [(place.line, place.column) for place in found.places if place] == [(3, 4)]


def test_without_django_templates_are_masked_and_what_is_missed_is_told(
    linter: Linter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts_module, "is_installed", lambda _: False)
    made = Drafts()
    page = HEAD + "{% if a %}<form></form>{% endif %}"
    assert reasons(judged(page, made, linter)) == []
    verdict = judged(page + "\n{% include 'foot.html' %}", made, linter)
    assert reasons(verdict) == [("django-missing", ("", 4, 1))]
    assert "script/form" in rules(verdict)
    assert not made._processes
    made.templates = Templates(project="shop.settings")
    assert made.problem_with_project() == "Django is not installed"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    files = {
        "orders/__init__.py": "",
        "orders/templatetags/__init__.py": "",
        "orders/templatetags/money.py": (
            "from django import template\nregister = template.Library()\n"
            "register.filter('euros', lambda value: f'EUR {value}')\n"
            "@register.inclusion_tag('box.html')\ndef box(title):\n    return {'title': title}\n"
            "@register.simple_tag\ndef broken():\n    raise KeyError('no such order')\n"
        ),
        "orders/templates/box.html": "<div>{{ title }}\n <iframe></iframe></div>",
        "orders/settings.py": (
            "print('loading')\nINSTALLED_APPS = ['orders']\nROOT_URLCONF = 'orders.urls'\nTEMPLATES = [{'BACKEND': "
            "'django.template.backends.django.DjangoTemplates', 'APP_DIRS': True}]\n"
        ),
        "orders/urls.py": "from django.urls import path\nurlpatterns = [path('orders/', print, name='orders')]\n",
        "page.html": "{% load money %}<p>{{ a|euros }}</p>{% box title='x' %}{% url 'orders' %}{% broken %}\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def test_the_code_of_a_project_is_run_only_where_that_is_allowed(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["check", "--no-config", "--format", "json", "page.html"]
    main(command)
    (report,) = json.loads(capsys.readouterr().out)["files"]
    assert "script/iframe" not in {row["rule"] for row in report["findings"]}
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "orders.settings")
    for more in (["--allow-project-code"], ["--allow-project-code", "--django-settings", "orders.settings"]):
        main([*command, *more])
        (report,) = json.loads(capsys.readouterr().out)["files"]
        (found,) = [row for row in report["findings"] if row["rule"] == "script/iframe"]
        place = found["places"][0]
        assert (Path(place["file"]).name, place["line"], place["column"]) == ("box.html", 2, 2)
        assert "template/unknown-filter" not in {row["rule"] for row in report["findings"]}
        assert [row for row in report["not_covered"] if "expression" in row]
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    Path("spamlint.toml").write_text('django-settings = "orders.settings"\n')
    for more, is_run in (([], False), (["--allow-project-code"], True)):
        main(["check", "--format", "json", *more, "page.html"])
        (report,) = json.loads(capsys.readouterr().out)["files"]
        assert ("script/iframe" in {row["rule"] for row in report["findings"]}) is is_run
    Path("spamlint.toml").write_text("allow-project-code = true\n")
    assert main(["check", "page.html"]) == 2


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--django-settings", "orders.settings"], "only with --allow-project-code"),
        (["--allow-project-code"], "name the settings"),
        (["--allow-project-code", "--django-settings", "nowhere.at_all"], "nowhere.at_all: cannot be used"),
        (["--allow-project-code", "--django-settings", "orders.broken"], "rendering ended with an error"),
    ],
)
def test_settings_that_cannot_be_used_are_one_clear_message(
    options: list[str], reason: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "orders" / "broken.py").write_text("raise SystemExit(3)")
    assert main(["check", "--no-config", *options, "page.html"]) == 2
    said = capsys.readouterr()
    assert reason in said.err
    assert said.out == ""


def test_a_project_that_cannot_be_used_is_told(project: Path, linter: Linter) -> None:
    made = Drafts(Templates("django", project="orders.nowhere"))
    try:
        (message,) = made.messages(b"<form></form>{{ name }}", "page.html")
        verdict = linter.check(message)
        assert reasons(verdict) == [("template-project", ("", 1, 1))]
        assert "script/form" in rules(verdict)
    finally:
        made.close()


def test_nothing_of_a_project_is_imported_without_leave(
    project: Path, linter: Linter, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "django.py").write_text("raise SystemExit")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "orders.broken")
    made = Drafts()
    try:
        assert "script/form" in rules(judged(HEAD + "<form></form>{{ name }}", made, linter))
    finally:
        made.close()
    assert "django" not in sys.modules or not str(sys.modules["django"].__file__).startswith(str(project))
