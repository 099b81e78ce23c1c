"""`spamlint sender` and the options about routes, as a person uses them; and the example, which needs no network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from dns_server import dns_server
from routes import Zone

from spamlint.cli import main
from spamlint.sender.config import load

EXAMPLE = Path(__file__).parent.parent / "examples" / "sender"
RECORD = "v=spf1 mx include:spf.carrier.example -all"
ZONE: Zone = {
    "client.example TXT": "v=spf1 mx -all",
    "client.example MX": "10 mx.client.example.",
    "mx.client.example A": "198.51.100.1",
    "_dmarc.client.example TXT": "v=DMARC1; p=quarantine",
    "spf.carrier.example TXT": "v=spf1 ip4:192.0.2.7 -all",
    "7.2.0.192.in-addr.arpa PTR": "out.carrier.example.",
    "out.carrier.example A": "192.0.2.7",
}
SETTINGS = """
[route.carrier]
ips = ["192.0.2.7"]
spf-include = "spf.carrier.example"
[sender]
ip-lists = []
domain-lists = []
"""


@pytest.fixture
def settings(tmp_path: Path) -> str:
    file = tmp_path / "spamlint.toml"
    file.write_text(SETTINGS, "utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "--route", "carrier", "--dns-snapshot", "dns.json", "mail.eml"], 1),
        (["check", "--route", "carrier", "--dns-snapshot", "dns-cured.json", "mail.eml"], 0),
        (["check", "--route", "own", "--dns-snapshot", "dns.json", "mail.eml"], 0),
        (["check", "--route", "carrier", "--dns-snapshot", "dns.json", "mail.eml", "mail.eml"], 1),
        (["check", "--dns", "--dns-snapshot", "dns.json", "mail.eml"], 0),
        (["sender", "ann@mill.example", "--route", "carrier", "--dns-snapshot", "dns.json"], 1),
        (["sender", "ann@mill.example", "--route", "own", "--dns-snapshot", "dns.json", "--bulk"], 0),
        (["sender", "ann@mill.example", "--dns-snapshot", "dns.json"], 0),
    ],
)
def test_the_example_runs_without_a_network(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLE)
    before = {file.name: file.read_bytes() for file in EXAMPLE.iterdir()}
    assert main(arguments) == code
    assert (RECORD in capsys.readouterr().out) is (code == 1)
    assert {file.name: file.read_bytes() for file in EXAMPLE.iterdir()} == before


def test_the_report_as_data(settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    with dns_server(ZONE) as server:
        arguments = ["--route", "carrier", "--config", settings, "--dns-server", server.address, "--format", "json"]
        assert main(["sender", "ann@client.example", "bo@client.example", *arguments]) == 1
    one, other = json.loads(capsys.readouterr().out)["senders"]
    assert [one["address"], other["address"]] == ["ann@client.example", "bo@client.example"]
    assert (one["outcome"], one["incomplete"], one["spf-aligned"], one["dkim-aligned"]) == ("block", False, True, False)
    assert one["dmarc"] == {
        "passes": False, "policy": "quarantine", "record": "v=DMARC1; p=quarantine", "percent": 100,
    }  # fmt: skip
    assert [(row["ip"], row["result"]) for row in one["spf"]] == [("192.0.2.7", "fail")]
    (change,) = one["publish"]
    assert (change["name"], change["record"], change["before"]) == ("client.example", RECORD, ["v=spf1 mx -all"])
    assert (change["lookups"], change["is-enough"], change["is-own"]) == (2, True, True)
    assert RECORD in one["letter"]
    assert {finding["rule"] for finding in one["findings"]} == {"sender/dmarc-fail", "sender/spf-fail"}


def test_the_report_in_dutch_has_no_english_left(settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    with dns_server(ZONE) as server:
        arguments = ["--route", "carrier", "--config", settings, "--dns-server", server.address, "--lang", "nl"]
        assert main(["sender", "ann@client.example", *arguments]) == 1
    out = capsys.readouterr().out
    assert f"      {RECORD}\n" in out
    assert "Brief aan de beheerder van client.example" in out
    for word in ("publish", "refused", "Letter", "Replace", "lookups", "mail for"):
        assert word not in out


def test_only_the_letter(settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    with dns_server(ZONE) as server:
        arguments = ["--route", "carrier", "--config", settings, "--dns-server", server.address, "--letter"]
        assert main(["sender", "ann@client.example", *arguments]) == 1
    out = capsys.readouterr().out
    assert out.startswith("Hello,\n")
    assert RECORD in out
    assert "sender/" not in out


def test_a_snapshot_is_recorded_and_then_replayed(
    settings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "dns.json"
    arguments = [
        "sender",
        "ann@client.example",
        "--route",
        "carrier",
        "--config",
        settings,
        "--dns-snapshot",
        str(file),
    ]
    with dns_server(ZONE) as server:
        assert main([*arguments, "--dns-server", server.address]) == 1
        asked = len(server.asked)
        first, recorded = capsys.readouterr().out, file.read_bytes()
        assert main([*arguments, "--dns-server", server.address]) == 1
        assert len(server.asked) == asked
    assert capsys.readouterr().out == first
    assert file.read_bytes() == recorded
    assert main(["sender", "ann@other.example", *arguments[2:]]) == 2
    assert "not in the snapshot" in capsys.readouterr().out


def test_a_draft_gets_its_sender_from_the_command_line(
    settings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "draft.txt"
    draft.write_text("The mill turns again from Monday on.\n", "utf-8")
    with dns_server(ZONE) as server:
        arguments = ["--route", "carrier", "--config", settings, "--dns-server", server.address]
        code = main(["check", "--from", "ann@client.example", "--subject", "The mill", *arguments, str(draft)])
    assert code == 1
    assert RECORD in capsys.readouterr().out


def test_a_mailing_is_held_to_what_providers_ask(
    settings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes((EXAMPLE / "mail.eml").read_bytes().replace(b"mill.example", b"client.example"))
    zone = {**ZONE, "client.example TXT": RECORD}

    def rules(*more: str) -> list[str]:
        with dns_server(zone) as server:
            arguments = ["--route", "carrier", "--config", settings, "--dns-server", server.address, "--format", "json"]
            main(["check", *arguments, *more, str(mail)])
        (file,) = json.loads(capsys.readouterr().out)["files"]
        return [finding["rule"] for finding in file["findings"] if finding["rule"].startswith("sender/bulk")]

    assert rules() == []
    assert rules("--profile", "bulk") == ["sender/bulk-rules"] * 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sender", "ann"], "'ann' is no address"),
        (["sender", "ann@x.example", "--route", "carier"], "there is no route 'carier', did you mean 'carrier'?"),
        (["sender", "ann@x.example", "--route", "zzz"], "there are carrier"),
        (["sender", "ann@x.example", "--no-config", "--route", "carrier"], "describe it in spamlint.toml"),
        (["sender", "ann@x.example", "--dns-server", "dns.example"], "is no DNS server"),
        (["sender", "ann@x.example", "--dns-timeout", "0"], "must be seconds"),
        (["sender", "ann@x.example", "--dns-timeout", "x"], "must be seconds"),
        (["sender", "ann@x.example", "--dns-snapshot", "."], "cannot be read"),
        (["check", "--dns-server", "192.0.2.1", "x.eml"], "--dns-server says nothing without --route or --dns"),
        (["check", "--from", "a@x.example", "x.eml"], "--from says nothing without --route or --dns"),
    ],
)
def test_wrong_use_is_told(settings: str, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = [] if "--no-config" in arguments else ["--config", settings]
    assert main([*arguments, *config]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[route.a]\nips = ["192.0.2.7"]\ntls = "yes"\n', "route.a.tls: must be a bool"),
        ("[route.a]\n", "route.a.ips: or hosts, or spf-include, is needed"),
        ('[route.a]\nips = ["192.0.2.300"]\n', "'192.0.2.300' is no IP address"),
        ('[route.a]\nip = ["192.0.2.3"]\n', "route.a.ip: unknown key, did you mean 'ips'?"),
        ('[route.a]\nips = ["192.0.2.3"]\ndkim-domain = "x.example"\n', "and dkim-domain go together"),
        ('[route.a]\nhosts = ["no host"]\n', "is no host name"),
        ('[route."a b"]\nips = ["192.0.2.3"]\n', "is no name for a route"),
        ('[sender]\nip-lists = ["no list"]\n', "sender.ip-lists: 'no list' is no name of a list"),
        ("[sender]\nlists = []\n", "sender.lists: unknown key"),
        ("route = 3\n", "route: must be a table"),
    ],
)
def test_settings_that_cannot_be_used_are_told(
    tmp_path: Path, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "spamlint.toml"
    file.write_text(text, "utf-8")
    assert main(["sender", "ann@x.example", "--config", str(file)]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert str(file) in err


def test_other_commands_take_settings_with_routes(settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", settings, str(EXAMPLE / "mail.eml")]) == 0
    assert "pass" in capsys.readouterr().out


def test_a_check_without_a_route_loads_nothing_for_it() -> None:
    code = (
        "import sys; from spamlint.cli import main; code = main(['check', '--no-config', sys.argv[1]]);"
        "print(code, [name for name in sys.modules if name.split('.')[0] in ('dns', 'dkim')"
        " or name.startswith('spamlint.sender')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(EXAMPLE / "mail.eml")], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_records_of_others_cannot_paint_the_terminal(settings: str, capsys: pytest.CaptureFixture[str]) -> None:
    zone = {**ZONE, "client.example TXT": '"v=spf1 mx \\027[31m -all"'}
    with dns_server(zone) as server:
        arguments = ["--route", "carrier", "--config", settings, "--dns-server", server.address]
        assert main(["sender", "ann@client.example", *arguments]) == 1
        assert main(["sender", "ann@client.example", *arguments, "--letter"]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_without_the_extra_it_says_what_to_install(
    settings: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("spamlint.cli.routes.find_spec", lambda _: None)
    assert main(["sender", "ann@x.example", "--config", settings]) == 2
    assert "pip install 'spamlint[dns]'" in capsys.readouterr().err


def test_what_a_new_settings_file_says_of_routes_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    file = tmp_path / "spamlint.toml"
    lines = file.read_text("utf-8").splitlines()
    start = lines.index("#[route.carrier]")
    file.write_text("\n".join(line.removeprefix("#") for line in lines[start : start + 3]), "utf-8")
    assert load(file).route("carrier").spf_include == "spf.carrier.example"


@pytest.mark.parametrize(("language", "says"), [("en", "it is not known"), ("nl", "is dus niet bekend")])
def test_what_could_not_be_asked_is_not_called_fine(
    settings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, says: str
) -> None:
    (tmp_path / "empty.json").write_text('{"version": 1, "answers": []}', "utf-8")
    arguments = ["--route", "carrier", "--config", settings, "--dns-snapshot", str(tmp_path / "empty.json")]
    for more in ([], ["--letter"]):
        assert main(["sender", "ann@client.example", *arguments, "--lang", language, *more]) == 2
        assert says in capsys.readouterr().out
