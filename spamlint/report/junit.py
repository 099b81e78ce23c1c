"""JUnit's XML: a test case for each message. A message that fails is a failure, one not fully checked an error.

ASCII only, and nothing that XML forbids: what cannot be seen is written as an escape.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from spamlint.report import phrases, text
from spamlint.report.data import Ending, FileReport
from spamlint.report.escape import visible
from spamlint.report.style import Style
from spamlint.report.words import say
from spamlint.verdict import Language

_SUITE = "spamlint"


def head(ending: Ending, failures: int) -> str:
    """The start of the report, which tells how many test cases there are of each kind."""
    total = ending.total
    cases = sum(total.outcomes.values()) + len(ending.unreadable)
    errors = total.incomplete + len(ending.unreadable)
    counts = f'tests="{cases}" failures="{failures}" errors="{errors}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="{_SUITE}" {counts}>\n<testsuite name="{_SUITE}" {counts} skipped="0">\n'
    )


def entry(report: FileReport, path: str, language: Language, *, fails: bool) -> str:
    """One more message, with the whole report on it in words."""
    name = phrases.name(report, language)
    said = _body("".join(text.file(report, Style(language))))
    opening = f"<testcase classname={_attribute(path)} name={_attribute(name)} file={_attribute(path)}>\n"
    if report.incomplete or fails:
        kind = "error" if report.incomplete else "failure"
        short = f"{say(language, report.outcome)}, {phrases.score(report, language)}"
        inside = f'<{kind} type="{report.outcome}" message={_attribute(short)}>{said}</{kind}>\n'
    else:
        inside = f"<system-out>{said}</system-out>\n"
    return f"{opening}{inside}</testcase>\n"


def closing(ending: Ending) -> str:
    """What could not be read, and the end of the report."""
    rows = (
        f"<testcase classname={_attribute(path)} name={_attribute(path)}>\n"
        f'<error type="unreadable" message={_attribute(reason)}/>\n</testcase>\n'
        for path, reason in ending.unreadable
    )
    return "".join((*rows, "</testsuite>\n</testsuites>\n"))


def _attribute(value: str) -> str:
    return _ascii(quoteattr(visible(value)))


def _body(said: str) -> str:
    return _ascii(escape("\n".join(visible(line) for line in said.split("\n"))))


def _ascii(value: str) -> str:
    return value.encode("ascii", "xmlcharrefreplace").decode("ascii")
