"""The units for systemd: they fit each other and the program, and systemd finds nothing wrong with them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spamlint.guard.config import load
from spamlint.hooks.listening import address

FOLDER = Path(__file__).parent.parent / "examples" / "systemd"
SERVICE, SOCKET = FOLDER / "spamlint-milter.service", FOLDER / "spamlint-milter.socket"
MOST_EXPOSED = 1.5
"""Of ten: what `systemd-analyze security` says of a service that may do little."""


def values(unit: Path) -> dict[str, str]:
    """Key -> value of a unit."""
    lines = (line.partition("=") for line in unit.read_text().splitlines() if "=" in line and line[0] != "#")
    return {key: value for key, _, value in lines}


def test_the_service_takes_the_socket_of_its_unit() -> None:
    _, command, *arguments = shlex.split(values(SERVICE)["ExecStart"])
    assert command == "milter"
    assert address(arguments[arguments.index("--listen") + 1]).name == values(SOCKET)["FileDescriptorName"]
    assert values(SERVICE)["Requires"] == SOCKET.name


def test_the_settings_beside_the_units_can_be_used(tmp_path: Path) -> None:
    text = (FOLDER / "spamlint.toml").read_text().replace("/var/log/spamlint", str(tmp_path))
    (tmp_path / "spamlint.toml").write_text(text)
    assert load(tmp_path / "spamlint.toml").enforcement == "observe"


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with a program, a user and a group that are there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    text = SERVICE.read_text().replace("/opt/spamlint/bin/spamlint", sys.executable)
    (tmp_path / SERVICE.name).write_text(re.sub(r"(?m)^(User|Group)=.*", r"\1=root", text))
    (tmp_path / SOCKET.name).write_text(re.sub(r"(?m)^(Socket(?:User|Group))=.*", r"\1=root", SOCKET.read_text()))
    return tmp_path


def test_systemd_finds_nothing_wrong(units: Path) -> None:
    command = ["systemd-analyze", "verify", str(units / SERVICE.name), str(units / SOCKET.name)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_service_is_exposed_to_little(units: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(units / SERVICE.name)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", ran.stdout)
    if found is None:
        pytest.skip(f"systemd-analyze cannot judge units here: {ran.stderr.strip()}")
    assert float(found[1]) <= MOST_EXPOSED
