"""The forms of `--listen`, and the sockets that they mean.

`inet:8893@127.0.0.1`, `inet6:8893@::1`, `127.0.0.1:8893`, `[::1]:8893`, `unix:/run/spamlint/milter.sock`, and
`systemd:` or `systemd:NAME` for sockets that systemd has opened. Without a host it is the loopback address.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import socket
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from spamlint.errors import ConfigError

Kind: TypeAlias = Literal["inet", "unix", "systemd"]

FORMS = "inet:PORT@HOST, inet6:PORT@HOST, HOST:PORT, unix:PATH or systemd:"
LOOPBACK = {socket.AF_UNSPEC: "127.0.0.1", socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
BACKLOG = 256
"""Connections that the system holds while the program is busy."""

_INET = re.compile(r"(inet6?):(\d{1,5})(?:@(.+))?")
_PLAIN = re.compile(r"(?:(inet6?):)?(?:\[([^\]]+)\]|([^:\[\]]+)):(\d{1,5})")
_FIRST_PASSED = 3
_MOST_PORT = 65_535
_CONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Address:
    """What one `--listen` says. `name` is a host, a path, or the name of a socket of systemd."""

    text: str
    kind: Kind
    name: str = ""
    port: int = 0
    family: socket.AddressFamily = socket.AF_UNSPEC


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open a unix socket."""

    mode: int = 0o600
    group: str = ""
    """The group that owns it; empty: the one of the program."""


def address(text: str) -> Address:
    """What `text` says; ConfigError where it has none of the forms."""
    if text.startswith("unix:"):
        path = text.removeprefix("unix:")
        if not path or "\0" in path:
            raise ConfigError(f"--listen {text}: a path is missing: unix:/run/spamlint/milter.sock")
        return Address(text, "unix", path)
    if text == "systemd" or text.startswith("systemd:"):
        return Address(text, "systemd", text.removeprefix("systemd").removeprefix(":"))
    if found := _INET.fullmatch(text):
        scheme, digits, host = found.groups()
    elif found := _PLAIN.fullmatch(text):
        scheme, bracketed, plain, digits = found.groups()
        host = bracketed or plain
    else:
        raise ConfigError(f"--listen {text}: is no address: write {FORMS}")
    if int(digits) > _MOST_PORT:
        raise ConfigError(f"--listen {text}: {digits} is no port: the highest is {_MOST_PORT}")
    family = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}.get(scheme or "", socket.AF_UNSPEC)
    return Address(text, "inet", host or LOOPBACK[family], int(digits), family)


@contextmanager
def listening(
    listen: Sequence[str], access: Access | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[tuple[socket.socket, ...]]:
    """The sockets of all forms in `listen`, open and listening; closed, and their files removed, at the end.

    ConfigError says which address cannot be had, and why.
    """
    if not listen:
        raise ConfigError(f"--listen: an address is missing: {FORMS}")
    with ExitStack() as stack:
        found: list[socket.socket] = []
        for one in [address(text) for text in listen]:
            if one.kind == "systemd":
                opened = _passed(one, os.environ if environ is None else environ)
            elif one.kind == "unix":
                opened = [_unix(one, access or Access(), stack)]
            else:
                opened = _inet(one)
            for each in opened:
                if any(each.fileno() == other.fileno() for other in found):
                    raise ConfigError(f"--listen {one.text}: is asked for twice")
                stack.enter_context(each)
                each.setblocking(False)
                found.append(each)
        yield tuple(found)


def described(sockets: Sequence[socket.socket]) -> str:
    """The addresses of `sockets` for a person, as `--listen` takes them."""
    return ", ".join(_described(each) for each in sockets)


def _described(each: socket.socket) -> str:
    name = each.getsockname()
    if each.family == socket.AF_UNIX:
        return f"unix:{os.fsdecode(name)}"
    return f"{'inet6' if each.family == socket.AF_INET6 else 'inet'}:{name[1]}@{name[0]}"


def _inet(wanted: Address) -> list[socket.socket]:
    """A socket for each address of the host. One that this machine does not have is left out where there is another."""
    flags = socket.AI_PASSIVE
    try:
        rows = socket.getaddrinfo(wanted.name, wanted.port, wanted.family, socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no name of a host"
        raise ConfigError(f"--listen {wanted.text}: {wanted.name}: {reason}") from None
    opened: list[socket.socket] = []
    problems: list[OSError] = []
    with ExitStack() as undo:
        for family, _, _, _, target in dict.fromkeys(rows):
            try:
                opened.append(undo.enter_context(_bound(family, target)))
            except OSError as error:
                if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                    raise _refused(wanted, error) from None
                problems.append(error)
        if not opened:
            raise _refused(wanted, problems[0])
        undo.pop_all()
    return opened


def _bound(family: int, target: object) -> socket.socket:
    each = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Connections of a program that has ended a moment ago do not keep the port; a listening program still does.
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        each.bind(target)  # type: ignore[arg-type]  # what getaddrinfo has given for this family
        each.listen(BACKLOG)
    except OSError:
        each.close()
        raise
    return each


def _refused(wanted: Address, error: OSError) -> ConfigError:
    reasons = {
        errno.EADDRINUSE: "another program listens there already: end it, or choose another address",
        errno.EADDRNOTAVAIL: "this machine does not have that address",
        errno.EACCES: "this user may not listen there",
        errno.EPERM: "this user may not do that",
        errno.ENOENT: "the folder does not exist",
    }
    reason = reasons.get(error.errno or 0, error.strerror or str(error))
    return ConfigError(f"--listen {wanted.text}: {reason}")


def _unix(wanted: Address, access: Access, stack: ExitStack) -> socket.socket:
    """The socket at that path, with its permissions set before anybody can connect."""
    path = Path(wanted.name)
    each = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _alone(path.parent):
            _clear(path, wanted)
            each.bind(os.fspath(path))
            own = path.stat()
            stack.callback(_remove, path, own)
            if access.group:
                shutil.chown(path, group=access.group)
            path.chmod(access.mode)
            each.listen(BACKLOG)
    except LookupError as error:
        each.close()
        raise ConfigError(f"--socket-group {access.group}: {error}") from None
    except OSError as error:
        each.close()
        if error.errno is None:  # the path is longer than the system takes
            raise ConfigError(f"--listen {wanted.text}: {error}") from None
        raise _refused(wanted, error) from None
    except ConfigError:
        each.close()
        raise
    return each


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps two programs that start at once from taking one another's socket file for one that is left over."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigError(f"--listen unix: another program is taking a socket in {folder} at this moment") from None
    finally:
        os.close(held)


def _clear(path: Path, wanted: Address) -> None:
    """Removes a socket file that a program has left behind; ConfigError where one listens, or it is no socket."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ConfigError(f"--listen {wanted.text}: there is a file of that name which is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_SECONDS)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except (BlockingIOError, TimeoutError):
            pass  # its queue is full: somebody listens
    raise _refused(wanted, OSError(errno.EADDRINUSE, ""))


def _remove(path: Path, own: os.stat_result) -> None:
    """Removes the socket file, where it is still the one that was made."""
    with suppress(OSError):
        now = path.lstat()
        if (now.st_dev, now.st_ino) == (own.st_dev, own.st_ino):
            path.unlink()


def _passed(wanted: Address, environ: Mapping[str, str]) -> list[socket.socket]:
    """The sockets that systemd has opened for this process (sd_listen_fds(3)), by name where one is given."""
    count = environ.get("LISTEN_FDS", "")
    if environ.get("LISTEN_PID") != str(os.getpid()) or not count.isdecimal() or not int(count):
        raise ConfigError(f"--listen {wanted.text}: systemd has passed no socket: is the unit started by its .socket?")
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    numbers = range(_FIRST_PASSED, _FIRST_PASSED + int(count))
    asked = [
        number
        for index, number in enumerate(numbers)
        if not wanted.name or (index < len(names) and names[index] == wanted.name)
    ]
    if not asked:
        raise ConfigError(f"--listen {wanted.text}: of the sockets from systemd ({', '.join(names)}) none is so named")
    return [_taken(number, wanted) for number in asked]


def _taken(number: int, wanted: Address) -> socket.socket:
    try:
        each = socket.socket(fileno=number)
    except OSError as error:
        raise ConfigError(f"--listen {wanted.text}: descriptor {number}: {error.strerror}") from None
    each.set_inheritable(False)
    if each.type != socket.SOCK_STREAM or not each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise ConfigError(f"--listen {wanted.text}: descriptor {number} does not listen: use ListenStream= in the unit")
    return each
