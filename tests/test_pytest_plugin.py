"""The pytest plugin: what fails and what does not, what a failure says, settings, and that it costs nothing unused."""

from __future__ import annotations

import subprocess
import sys
from email.message import EmailMessage
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from spamlint.errors import ConfigError
from spamlint.pytest_plugin import assert_sendable

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
DRAFT = ROOT / "examples" / "draft.html"  # an error, and so a warning, however points are fitted
GOOD = ROOT / "examples" / "good-plain.eml"
INSTALLED = any(entry.value == "spamlint.pytest_plugin" for entry in entry_points(group="pytest11"))

SCRIPT = "<p>Doors open at seven; coffee and honey cake are ready for everybody.</p><script>alert(1)</script>"

DJANGO = """
import pytest
import django
from django.conf import settings
settings.configure(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend", USE_TZ=True)
django.setup()
from django.core.mail import EmailMultiAlternatives, send_mail

TEXT = "Your card lies at the desk, and we keep it there until the end of the month.\\n"

def send(html):
    mail = EmailMultiAlternatives("Your card", TEXT, "desk@library.example", ["ada@aldbury.example"])
    mail.attach_alternative(html, "text/html")
    mail.send()
"""


def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> pytest.RunResult:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    plugin = () if INSTALLED else ("-p", "spamlint.pytest_plugin")
    return pytester.runpytest_subprocess(*plugin, "-p", "no:cacheprovider", *arguments)


def failure(message: object, **settings: object) -> str:
    with pytest.raises(pytest.fail.Exception) as raised:
        assert_sendable(message, **settings)  # type: ignore[arg-type]
    return str(raised.value.msg)


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Mill Lane Library <desk@mill-lane-library.example>"
    message["To"] = "ada@aldbury.example"
    message["Subject"] = subject
    message["Date"] = "Mon, 02 Mar 2026 09:30:00 +0100"
    message["Message-ID"] = "<20260302093000.115@mill-lane-library.example>"
    message.set_content("The library opens at nine; borrowed books may come back a week later than usual.\n")
    return message


def test_a_failure_is_the_report_with_marks() -> None:
    said = failure(SCRIPT, fail_on="warn")
    assert "script/" in said
    assert "<script>" in said
    assert "^^^^" in said


def test_a_good_message_passes_in_every_shape() -> None:
    assert_sendable(GOOD, fail_on="warn")
    assert_sendable(GOOD.read_bytes(), fail_on="warn")
    assert_sendable(letter("Opening hours in spring"), fail_on="warn")


def test_a_message_of_the_standard_library_is_judged_as_it_is_sent() -> None:
    said = failure(letter("FREE MONEY!!! ACT NOW AND WIN CASH $$$"), fail_on="warn")
    assert "Subject: FREE MONEY" in said


def test_what_has_a_message_is_that_message() -> None:
    class Framework:
        def message(self) -> EmailMessage:
            return letter("FREE MONEY!!! ACT NOW AND WIN CASH $$$")

    assert "Subject: FREE MONEY" in failure(Framework(), fail_on="warn")


def test_a_warning_fails_only_where_that_is_asked_for() -> None:
    assert_sendable(DRAFT)
    assert "warning" in failure(DRAFT, fail_on="warn")


def test_rules_can_be_ignored() -> None:
    assert_sendable(DRAFT, fail_on="warn", ignore=("script",))


def test_wrong_use_is_no_failure_but_an_error() -> None:
    with pytest.raises(ConfigError, match="no-such-rule"):
        assert_sendable(GOOD, ignore=("no-such-rule",))
    with pytest.raises(ConfigError, match="profile"):
        assert_sendable(GOOD, profile="nobody")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="fail_on"):
        assert_sendable(GOOD, fail_on="never")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int"):
        assert_sendable(5)  # type: ignore[arg-type]
    with pytest.raises(OSError, match=r"missing\.eml"):
        assert_sendable(ROOT / "missing.eml")


def test_the_fixture_takes_its_settings_from_the_ini_file(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\nspamlint_fail_on = warn\nspamlint_ignore = html structure\n")
    pytester.makepyfile(f"""
        from pathlib import Path
        MAIL = Path({str(DRAFT)!r})
        def test_fails(sendable):
            sendable(MAIL)
        def test_own_settings_go_first(sendable):
            sendable(MAIL, fail_on="block")
            sendable(MAIL, ignore=["script"])
    """)
    result = run(pytester, monkeypatch)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*draft.html: warning*", "*^^^^*"])
    assert "pytest_plugin.py" not in result.stdout.str()


def test_a_settings_file_can_be_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeini("[pytest]\nspamlint_config = mail/spamlint.toml\nspamlint_fail_on = warn\n")
    folder = pytester.mkdir("mail")
    (folder / "spamlint.toml").write_text('ignore = ["script"]\n')
    pytester.makepyfile(f"""
        from pathlib import Path
        def test_passes(sendable):
            sendable(Path({str(DRAFT)!r}))
    """)
    run(pytester, monkeypatch).assert_outcomes(passed=1)


def test_a_wrong_value_in_the_ini_file_is_told(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeini("[pytest]\nspamlint_profile = nobody\n")
    pytester.makepyfile("def test_it(sendable): pass\ndef test_other(): pass")
    result = run(pytester, monkeypatch)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*spamlint_profile: must be one of *not 'nobody'*"])


def test_the_outbox_of_django_is_checked_when_the_test_ends(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("django")
    pytester.makeini("[pytest]\nspamlint_fail_on = warn\n")
    pytester.makepyfile(
        DJANGO
        + """
def test_bad(sendable_outbox):
    send("<html lang=en><p>" + TEXT + "</p><script>alert(1)</script></html>")
    assert len(sendable_outbox) == 1

def test_none(sendable_outbox):
    sendable_outbox.clear()

def test_bad_but_unchecked():
    send("<p>x</p><script>alert(1)</script>")
"""
    )
    result = run(pytester, monkeypatch)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*outbox[[]0[]]*", "*<script>*"])


def test_a_run_that_does_not_use_it_imports_nothing_of_it() -> None:
    code = "import sys, spamlint.pytest_plugin; print(*(name for name in sys.modules if name.startswith('spamlint')))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(told.stdout.split()) == {"spamlint", "spamlint.pytest_plugin"}


def test_the_example_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    run(pytester, monkeypatch, str(ROOT / "examples" / "pytest")).assert_outcomes(passed=2)
