"""Where reports go: several at once, each file whole or not there, and one clear message for what cannot be written."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from spamlint.cli import main, outputs
from spamlint.cli.forms import FORMATS

DRAFT = "<p>Hello <script>alert(1)</script></p>\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test runs in an empty folder, with one draft."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "draft.html").write_text(DRAFT, "utf-8")
    return tmp_path


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def check(*arguments: str) -> int:
    return main(["check", *arguments])


def test_several_reports_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: f"out.{name}" for name in FORMATS if name != "text"}
    options = [word for name, file in files.items() for word in ("--format", f"{name}={file}")]
    assert check("--format", "text", *options, "draft.html") == 0
    assert capsys.readouterr().out.startswith("draft.html: warning")
    assert len(json.loads(Path(files["json"]).read_text("utf-8"))["files"]) == 1
    assert json.loads(Path(files["jsonl"]).read_text("utf-8"))["path"] == "draft.html"
    run = json.loads(Path(files["sarif"]).read_text("utf-8"))["runs"][0]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "draft.html"
    assert ET.parse(files["junit"]).getroot().get("tests") == "1"
    assert Path(files["github"]).read_text("utf-8").startswith("::group::draft.html: warning")
    assert json.loads(Path(files["gitlab"]).read_text("utf-8"))[0]["location"]["path"] == "draft.html"
    assert Path(files["html"]).read_text("utf-8").endswith("</html>\n")
    assert names() == sorted(["draft.html", *files.values()])


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_holds_what_standard_output_would(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--format", name, "draft.html", "draft.html") == 0
    printed = capsys.readouterr().out
    assert check("--format", name, "--output-file", "report", "draft.html", "draft.html") == 0
    assert capsys.readouterr().out == ""
    assert Path("report").read_text("utf-8") == printed


@pytest.mark.parametrize("name", FORMATS)
def test_two_processes_say_the_same(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    reports = []
    for jobs in ("1", "2"):
        check("-j", jobs, "--format", name, "draft.html", "draft.html", "gone.eml")
        reports.append(capsys.readouterr().out)
    assert reports[0] == reports[1]
    assert "gone.eml" in reports[0] or name in {"text", "jsonl"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "xml"], "there is no format 'xml': choose from text, json"),
        (["--format", "sarif="], "'sarif=' names no file"),
        (["--format", "text", "--format", "sarif"], "give this one a file: --format sarif=FILE"),
        (["--format", "sarif=a", "--format", "html=./a"], "another report is written to ./a already"),
        (["--format", "sarif=a", "--output-file", "b"], "every --format names a file already"),
        (["--output-file", "draft.html"], "draft.html is to be checked: the report would replace it"),
        (["--output-file", "no/such/folder"], "no/such/folder: the report cannot be written: No such file"),
        (["--output-file", "."], ".: the report cannot be written: it is a folder"),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is_checked(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(*options, "draft.html") == 2
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert names() == ["draft.html"]


def test_a_disk_that_is_full_leaves_the_old_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("report").write_text("old", "utf-8")

    def full(self: outputs.Output, _: object) -> None:
        self.write("half")
        with outputs._told("report"):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs.Output, "end", full)
    assert check("--output-file", "report", "draft.html") == 2
    assert "report: the report cannot be written: No space left on device" in capsys.readouterr().err
    assert Path("report").read_text("utf-8") == "old"
    assert names() == ["draft.html", "report"]


def test_an_interrupt_leaves_no_half_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: outputs.Output, _: object) -> None:
        self.write("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(outputs.Output, "add", interrupted)
    assert check("--format", "sarif=a", "--format", "html=b", "draft.html") == 130
    assert names() == ["draft.html"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions and links")
def test_a_report_keeps_the_permissions_and_the_link_of_the_one_it_replaces() -> None:
    Path("real").write_text("old", "utf-8")
    Path("real").chmod(0o640)
    Path("link").symlink_to("real")
    assert check("--output-file", "link", "draft.html") == 0
    assert Path("link").is_symlink()
    assert stat.S_IMODE(Path("real").stat().st_mode) == 0o640
    assert Path("real").read_text("utf-8").startswith("draft.html: warning")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such device")
def test_a_device_is_written_to() -> None:
    assert check("--output-file", "/dev/null", "draft.html") == 0
    assert not Path("/dev/null").is_file()


def test_quiet_reports_only_what_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--quiet", "--format", "gitlab", "draft.html") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert check("--quiet", "--fail-on", "warn", "--format", "gitlab", "draft.html") == 1
    assert json.loads(capsys.readouterr().out)[0]["check_name"] == "spamlint/outcome"
