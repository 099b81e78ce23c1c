"""Where a service listens: the forms of an address, the files of unix sockets, sockets of systemd."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from spamlint.errors import ConfigError
from spamlint.hooks.listening import Access, Address, address, described, listening

INET, INET6, ANY = socket.AF_INET, socket.AF_INET6, socket.AF_UNSPEC


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("inet:8893@127.0.0.1", Address("", "inet", "127.0.0.1", 8893, INET)),
        ("inet:8893", Address("", "inet", "127.0.0.1", 8893, INET)),
        ("inet:mx.example:8893", Address("", "inet", "mx.example", 8893, INET)),
        ("inet6:8893@::1", Address("", "inet", "::1", 8893, INET6)),
        ("inet6:8893", Address("", "inet", "::1", 8893, INET6)),
        ("inet6:[::1]:8893", Address("", "inet", "::1", 8893, INET6)),
        ("127.0.0.1:25", Address("", "inet", "127.0.0.1", 25, ANY)),
        ("[::1]:25", Address("", "inet", "::1", 25, ANY)),
        ("localhost:0", Address("", "inet", "localhost", 0, ANY)),
        ("unix:/run/s.sock", Address("", "unix", "/run/s.sock")),
        ("unix:a b:1", Address("", "unix", "a b:1")),
        ("systemd:", Address("", "systemd")),
        ("systemd:milter", Address("", "systemd", "milter")),
    ],
)
def test_the_forms_of_an_address(text: str, meant: Address) -> None:
    found = address(text)
    assert found.text == text
    assert (found.kind, found.name, found.port, found.family) == (meant.kind, meant.name, meant.port, meant.family)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no address"),
        ("8893", "is no address"),
        ("::1:8893", "is no address"),
        ("inet:x@127.0.0.1", "is no address"),
        ("127.0.0.1:70000", "70000 is no port"),
        ("unix:", "a path is missing"),
        ("127.0.0.1", "is no address"),
        ("http://127.0.0.1:80", "is no address"),
    ],
)
def test_what_is_no_address_is_told(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        address(text)


def test_ports_that_are_taken_are_told() -> None:
    with listening(["127.0.0.1:0"]) as (first,):
        assert described([first]) == f"inet:{first.getsockname()[1]}@127.0.0.1"
        taken = f"127.0.0.1:{first.getsockname()[1]}"
        with pytest.raises(ConfigError, match="another program listens there already"), listening([taken]):
            pass
    with listening([taken]) as (again,):
        assert again.getsockname() == ("127.0.0.1", int(taken.partition(":")[2]))


@pytest.mark.parametrize("text", ["192.0.2.1:0", "inet:0@no-such-host.invalid", "unix:/no/such/folder/s"])
def test_addresses_that_cannot_be_had_are_told(text: str) -> None:
    with pytest.raises(ConfigError, match=f"--listen {text}: "), listening([text]):
        pass


def test_several_addresses_are_open_together_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listening([f"unix:{path}", "127.0.0.1:0"]) as found:
        assert [one.family for one in found] == [socket.AF_UNIX, INET]
    with pytest.raises(ConfigError), listening([f"unix:{path}", "nonsense"]):
        pass
    with pytest.raises(ConfigError), listening([f"unix:{path}", "unix:/no/such/folder/s"]):
        pass
    assert not path.exists()


def test_without_an_address_it_says_so() -> None:
    with pytest.raises(ConfigError, match="an address is missing"), listening([]):
        pass


def test_a_unix_socket_has_its_mode_and_group_and_goes_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    group = str(os.getgid())
    with listening([f"unix:{path}"], Access(0o660, group="")) as (found,):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert path.stat().st_gid == int(group)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
        assert described([found]) == f"unix:{path}"
    assert not path.exists()


def test_a_group_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with pytest.raises(ConfigError, match="--socket-group no-such-group"):  # noqa: SIM117
        with listening([f"unix:{path}"], Access(0o660, "no-such-group")):
            pass
    assert not path.exists()


def test_a_socket_file_that_was_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with listening([f"unix:{path}"]), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_socket_in_use_and_another_file_are_left_alone(tmp_path: Path) -> None:
    path, other = tmp_path / "s", tmp_path / "file"
    other.write_text("precious")
    with listening([f"unix:{path}"]):
        with pytest.raises(ConfigError, match="another program listens there already"), listening([f"unix:{path}"]):
            pass
        assert path.is_socket()
    with pytest.raises(ConfigError, match="which is no socket"), listening([f"unix:{other}"]):
        pass
    assert other.read_text() == "precious"


def test_the_socket_of_another_program_is_not_removed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listening([f"unix:{path}"]):
        path.unlink()
        path.write_text("of another program")
    assert path.read_text() == "of another program"


def test_a_path_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="too long"), listening([f"unix:{tmp_path / ('x' * 120)}"]):
        pass


PASSED = """
import os, sys
from spamlint.hooks.listening import described, listening
from spamlint.errors import ConfigError
number, names, *wanted = sys.argv[1:]
os.dup2(int(number), 3)
environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": names}
try:
    with listening(wanted, environ=environ) as found:
        print(described(found), [os.get_inheritable(one.fileno()) for one in found])
except ConfigError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (["systemd:"], "unix:{path} [False]"),
        (["systemd:milter"], "unix:{path} [False]"),
        (["systemd:other"], "--listen systemd:other: of the sockets from systemd (milter) none is so named"),
        (["systemd:", "systemd:milter"], "--listen systemd:milter: is asked for twice"),
    ],
)
def test_sockets_of_systemd_are_taken(wanted: list[str], said: str, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as given:
        given.bind(str(path))
        given.listen()
        ran = subprocess.run(
            [sys.executable, "-c", PASSED, str(given.fileno()), "milter", *wanted],
            pass_fds=[given.fileno()],
            capture_output=True,
            text=True,
            check=True,
        )
    assert ran.stdout == said.format(path=path) + "\n"
    assert path.exists()


@pytest.mark.parametrize(
    "environ",
    [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "many"}],
)
def test_without_sockets_of_systemd_it_says_so(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="systemd has passed no socket"), listening(["systemd:"], environ=environ):
        pass
