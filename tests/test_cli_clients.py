"""`--clients`, the settings `clients` and `client-data`, and `spamlint update caniemail`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spamlint.cli import main

HTML = '<html lang="en"><head><title>Bread</title></head><body><p style="opacity:0.5">Good morning Bo</p></body></html>'
DATA = {
    "data": [
        {
            "slug": "css-opacity",
            "title": "opacity",
            "category": "css",
            "last_test_date": "2031-02-03",
            "stats": {"pigeon": {"post": {"2031": "n"}}},
        }
    ]
}


@pytest.fixture(autouse=True)
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in a folder of its own, with a draft and a copy of data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.json").write_text(json.dumps(DATA))
    file = tmp_path / "mail.html"
    file.write_text(HTML)
    return file


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    main(["check", "--format", "jsonl", "--select", "clients", *arguments, "mail.html"])
    return [finding["message"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_clients_are_chosen_by_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert found(capsys) == []
    assert found(capsys, "--clients", "outlook.windows,apple-mail") == ["opacity does not work in Outlook (Windows)"]
    assert found(capsys, "--clients", "apple-mail") == []


def test_clients_are_chosen_by_the_settings_and_an_option_goes_before_them(capsys: pytest.CaptureFixture[str]) -> None:
    Path("spamlint.toml").write_text('clients = ["outlook.windows"]\n')
    assert found(capsys) == ["opacity does not work in Outlook (Windows)"]
    assert found(capsys, "--clients", "apple-mail") == []


def test_a_file_for_gmail_only_is_not_held_to_other_clients(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mail.html").write_text(HTML + "x" * 110_000)
    main(["check", "--format", "jsonl", "--select", "size", "--clients", "outlook", "mail.html"])
    assert json.loads(capsys.readouterr().out)["findings"] == []
    main(["check", "--format", "jsonl", "--select", "size", "--clients", "gmail.ios", "mail.html"])
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["rule"], finding["severity"]) == ("size/gmail-clip", "warning")


@pytest.mark.parametrize("where", ["option", "settings"])
def test_an_unknown_client_is_one_clear_message(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--clients", "gmial"] if where == "option" else []
    if where == "settings":
        Path("spamlint.toml").write_text('clients = ["gmial"]\n')
    assert main(["check", *arguments, "mail.html"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "'gmial' is no mail program, did you mean 'gmail'?" in err
    assert "clients: " in err


def test_newer_data_is_made_and_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["update", "caniemail", "data.json"]) == 0
    assert capsys.readouterr().out == "caniemail.json is written: 1 features, tested up to 2031-02-03\n"
    assert "MIT License" in json.loads(Path("caniemail.json").read_text("utf-8"))["licence"]
    Path("spamlint.toml").write_text('clients = ["pigeon"]\nclient-data = "caniemail.json"\n')
    assert found(capsys) == ["opacity does not work in pigeon"]
    assert found(capsys, "--clients", "pigeon.post") == ["opacity does not work in pigeon"]


def test_newer_data_is_seen_from_the_settings_by_other_processes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["update", "caniemail", "data.json", "--output", "table.json"])
    capsys.readouterr()
    Path("spamlint.toml").write_text('clients = ["pigeon"]\nclient-data = "table.json"\n')
    assert found(capsys, "-j", "2") == ["opacity does not work in pigeon"]


def test_a_file_that_exists_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("caniemail.json").write_text("mine")
    assert main(["update", "caniemail", "data.json"]) == 2
    assert "caniemail.json exists; --force writes over it" in capsys.readouterr().err
    assert Path("caniemail.json").read_text() == "mine"
    assert main(["update", "--force", "caniemail", "data.json"]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["caniemail", "none.json"], "none.json: cannot be read: No such file or directory"),
        (["caniemail", "mail.html"], "mail.html: is no data.json of caniemail"),
        (["caniemail", "."], "no features of caniemail were found here"),
        (["canniemail", "data.json"], "see spamlint update --help"),
        (["caniemail", "data.json", "--output", "no/folder.json"], "cannot be written"),
    ],
)
def test_what_goes_wrong_is_told_plainly(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["update", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert "Traceback" not in err


@pytest.mark.parametrize("setting", ['client-data = "none.json"', 'client-data = "mail.html"', "client-data = 3"])
def test_a_table_that_cannot_be_used_is_told_by_the_settings(setting: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("spamlint.toml").write_text(setting)
    assert main(["check", "mail.html"]) == 2
    err = capsys.readouterr().err
    assert "spamlint.toml" in err
    assert "Traceback" not in err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    main(["update", "--help"])
    assert "spamlint update caniemail data.json" in capsys.readouterr().out
    main(["check", "--help"])
    assert "--clients gmail,outlook.windows" in capsys.readouterr().out
