"""A real DNS server on loopback, over UDP and TCP, with the zones and the failures that a test wants."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[str, "str | Sequence[str]"]
""""name TYPE" -> records in text form, or one of `FAILURES`."""

_ATTEMPTS = 50
FAILURES = ("SERVFAIL", "REFUSED", "DROP", "GARBAGE", "WRONG-ID", "TRUNCATED", "LOOP")


@dataclass
class Running:
    """A server that answers."""

    port: int
    asked: list[str] = field(default_factory=list)
    """Every question, as "name TYPE"."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def dns_server(zone: Zone) -> Iterator[Running]:
    """A server for `zone`, as long as the block lasts."""
    udp, tcp, port = _bound()
    tcp.listen()
    running = Running(port)
    stopping = threading.Event()
    lower = {key.lower(): value for key, value in zone.items()}
    threads = [
        threading.Thread(target=_serve_udp, args=(udp, lower, running, stopping), daemon=True),
        threading.Thread(target=_serve_tcp, args=(tcp, lower, running, stopping), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield running
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
        udp.close()
        tcp.close()


def _bound() -> tuple[socket.socket, socket.socket, int]:
    """Sockets for UDP and TCP at one free port: what is free for one may be taken for the other."""
    for _ in range(_ATTEMPTS):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        udp.bind(("127.0.0.1", 0))
        port = udp.getsockname()[1]
        try:
            tcp.bind(("127.0.0.1", port))
        except OSError:
            udp.close()
            tcp.close()
            continue
        return udp, tcp, port
    raise OSError("no port is free for both UDP and TCP")


def _serve_udp(sock: socket.socket, zone: Zone, running: Running, stopping: threading.Event) -> None:
    sock.settimeout(0.05)
    while not stopping.is_set():
        try:
            data, client = sock.recvfrom(4096)
        except TimeoutError:
            continue
        reply = _reply(data, zone, running, over_tcp=False)
        if reply is not None:
            sock.sendto(reply, client)


def _serve_tcp(sock: socket.socket, zone: Zone, running: Running, stopping: threading.Event) -> None:
    sock.settimeout(0.05)
    while not stopping.is_set():
        try:
            client, _ = sock.accept()
        except TimeoutError:
            continue
        with client:
            client.settimeout(2)
            (length,) = struct.unpack("!H", client.recv(2))
            reply = _reply(client.recv(length), zone, running, over_tcp=True)
            if reply is not None:
                client.sendall(struct.pack("!H", len(reply)) + reply)


def _reply(data: bytes, zone: Zone, running: Running, *, over_tcp: bool) -> bytes | None:
    query = dns.message.from_wire(data)
    question = query.question[0]
    name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
    running.asked.append(f"{name} {kind}")
    value = zone.get(f"{name} {kind.lower()}")
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA
    match value:
        case "DROP":
            return None
        case "GARBAGE":
            return data[:2] + b"\x84\x00 this is no DNS message"
        case "SERVFAIL" | "REFUSED":
            reply.set_rcode(dns.rcode.from_text(value))
            return bytes(reply.to_wire())
        case "WRONG-ID":
            reply.id ^= 0x5555
            return bytes(reply.to_wire())
        case "LOOP":
            _add(reply, name, "CNAME", [f"other.{name}."])
            _add(reply, f"other.{name}", "CNAME", [f"{name}."])
            return bytes(reply.to_wire())
        case "TRUNCATED":
            if not over_tcp:
                reply.flags |= dns.flags.TC
                return bytes(reply.to_wire())
            _add(reply, name, kind, ['"over TCP"'])
            return bytes(reply.to_wire())
    _answer(reply, zone, name, kind, value)
    wire: bytes = reply.to_wire(max_size=65535)
    if over_tcp or len(wire) <= 1232:
        return wire
    short = dns.message.make_response(query)
    short.flags |= dns.flags.TC
    return bytes(short.to_wire())


def _answer(reply: dns.message.Message, zone: Zone, name: str, kind: str, value: str | Sequence[str] | None) -> None:
    """Put the records of `name` into `reply`, behind those of the CNAME that leads to them."""
    alias = zone.get(f"{name} cname")
    if value is None and alias is not None and kind != "CNAME":
        target = alias if isinstance(alias, str) else alias[0]
        _add(reply, name, "CNAME", [target])
        name = target.rstrip(".").lower()
        value = zone.get(f"{name} {kind.lower()}")
    if value is not None:
        _add(reply, name, kind, [value] if isinstance(value, str) else value)
    elif not any(key.partition(" ")[0].endswith(name) for key in zone):
        reply.set_rcode(dns.rcode.NXDOMAIN)


def _add(reply: dns.message.Message, name: str, kind: str, records: Sequence[str]) -> None:
    if kind == "TXT":
        records = [record if record.startswith('"') else _quoted(record) for record in records]
    reply.answer.append(dns.rrset.from_text(f"{name}.", 300, "IN", kind, *records))


def _quoted(text: str) -> str:
    """`text` as the strings of a TXT record, of at most 255 characters each (RFC 1035 section 3.3)."""
    pieces = [text[at : at + 255] for at in range(0, len(text), 255)] or [""]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)
