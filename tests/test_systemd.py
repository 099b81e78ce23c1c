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
HOOKS = {"milter": "milter", "spamd": "spamd", "http": "serve"}
"""The name in the files, and the command."""
MOST_EXPOSED = 1.5
"""Of ten: what `systemd-analyze security` says of a service that may do little."""


def values(unit: Path) -> dict[str, str]:
    """Key -> value of a unit."""
    lines = (line.partition("=") for line in unit.read_text().splitlines() if "=" in line and line[0] != "#")
    return {key: value for key, _, value in lines}


def files(hook: str) -> tuple[Path, Path]:
    """The service and its socket."""
    return FOLDER / f"spamlint-{hook}.service", FOLDER / f"spamlint-{hook}.socket"


@pytest.mark.parametrize("hook", HOOKS)
def test_the_service_takes_the_socket_of_its_unit(hook: str) -> None:
    service, unit = files(hook)
    _, command, *arguments = shlex.split(values(service)["ExecStart"])
    assert command == HOOKS[hook]
    assert address(arguments[arguments.index("--listen") + 1]).name == values(unit)["FileDescriptorName"]
    assert values(service)["Requires"] == unit.name


def test_the_services_are_limited_alike() -> None:
    first, *others = [values(files(hook)[0]) for hook in HOOKS]
    own = {"Description", "Requires", "After", "ExecStart", "Also"}
    for other in others:
        assert {key for key in first | other if first.get(key) != other.get(key)} <= own


def test_the_settings_beside_the_units_can_be_used(tmp_path: Path) -> None:
    text = (FOLDER / "spamlint.toml").read_text().replace("/var/log/spamlint", str(tmp_path))
    (tmp_path / "spamlint.toml").write_text(text)
    assert load(tmp_path / "spamlint.toml").enforcement == "observe"


@pytest.fixture(params=HOOKS)
def units(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """The units of each hook with a program, a user and a group that are there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    service, unit = files(request.param)
    text = service.read_text().replace("/opt/spamlint/bin/spamlint", sys.executable)
    found = tmp_path / service.name, tmp_path / unit.name
    found[0].write_text(re.sub(r"(?m)^(User|Group)=.*", r"\1=root", text))
    found[1].write_text(re.sub(r"(?m)^(Socket(?:User|Group))=.*", r"\1=root", unit.read_text()))
    return found


def test_systemd_finds_nothing_wrong(units: tuple[Path, Path]) -> None:
    command = ["systemd-analyze", "verify", *map(str, units)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_service_is_exposed_to_little(units: tuple[Path, Path]) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(units[0])]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", ran.stdout)
    if found is None:
        pytest.skip(f"systemd-analyze cannot judge units here: {ran.stderr.strip()}")
    assert float(found[1]) <= MOST_EXPOSED
