"""Messages that are made to use up the time or the memory of whoever reads them, each kind in several sizes."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from collections.abc import Callable

Make = Callable[[float], bytes]
"""Gives the message; the share, up to 1, says how large it is."""

HEAD = (
    b"From: Mallory <mallory@attack.example>\r\nTo: ann@mill.example\r\nDate: Thu, 05 Nov 2026 09:00:00 +0000\r\n"
    b"Message-ID: <1@attack.example>\r\nMIME-Version: 1.0\r\n"
)
MB = 1_000_000


def message(body: bytes, content_type: str = "text/plain; charset=utf-8", *headers: bytes) -> bytes:
    """A message with that body."""
    subject = () if any(header.startswith(b"Subject:") for header in headers) else (b"Subject: Hello\r\n",)
    return b"".join((HEAD, *subject, *headers, b"Content-Type: ", content_type.encode(), b"\r\n\r\n", body))


def html(body: bytes) -> bytes:
    """A message that is a page."""
    return message(b"<html><body>" + body + b"</body></html>", "text/html; charset=utf-8")


def repeated(piece: bytes, size: float) -> bytes:
    """That many bytes, about."""
    return piece * max(1, round(size / len(piece)))


def attached(data: bytes, name: str, content_type: str = "application/octet-stream") -> bytes:
    """A message with an attachment."""
    header = b'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="%s"\r\n' % name.encode()
    return message(base64.encodebytes(data), content_type, header)


def multipart(parts: bytes) -> bytes:
    """A message with parts, the first of which starts with its boundary."""
    return message(parts + b"--b--\r\n", 'multipart/mixed; boundary="b"')


def deep_multiparts(share: float) -> bytes:
    """Multiparts inside one another."""
    levels = round(8000 * share)
    return HEAD + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level) for level in range(levels)
    )


def many_headers(share: float) -> bytes:
    """Header fields without end."""
    fields = b"".join(b"X-%d: y\r\n" % number for number in range(round(800_000 * share)))
    return message(b"Hello", "text/plain", fields)


def parameters(share: float) -> bytes:
    """RFC 2231 parameters in many pieces."""
    pieces = "".join(f"; name*{number}*=%41" for number in range(round(200_000 * share)))
    return message(b"Hello", "application/octet-stream" + pieces)


def zip_bomb(share: float) -> bytes:
    """A small archive of much nothing."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as member:
        for _ in range(round(100 * share)):
            member.write(bytes(MB))
    return attached(held.getvalue(), "invoice.zip", "application/zip")


def nested_zips(share: float) -> bytes:
    """Archives of archives."""
    data = bytes(1000)
    for level in range(round(16 * share)):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(8):
                archive.writestr(f"{level}-{number}.zip", data)
        data = held.getvalue()
    return attached(data, "invoice.zip", "application/zip")


def gzip_bombs(share: float) -> bytes:
    """Many packed files, each of which grows a thousandfold."""
    part = (
        b"--b\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(gzip.compress(bytes(4 * MB)))
        + b"\r\n"
    )
    return multipart(part * round(200 * share))


def styles(share: float) -> bytes:
    """Many selectors for many elements."""
    rules = b"".join(b"div div:nth-child(%d) p > a.x%d { color: red }\n" % (n, n) for n in range(round(8000 * share)))
    return html(b"<style>" + rules + b"</style>" + repeated(b"<div><p><a class=x1>y</a></p></div>", 2 * MB * share))


def html_parts(share: float) -> bytes:
    """Pages as far as the size of a message goes."""
    page = b"<p>hello <b>x</b> <a href=http://x.example>y</a>" * 300
    part = b"--b\r\nContent-Type: text/html\r\n\r\n" + page + b"\r\n"
    return multipart(part * round(1900 * share))


def page(piece: bytes, size: float) -> Make:
    """Pages of one piece, up to that size."""
    return lambda share: html(repeated(piece, size * share))


def text(piece: bytes, size: float) -> Make:
    """Plain text of one piece, up to that size."""
    return lambda share: message(repeated(piece, size * share))


def header(name: bytes, piece: bytes, size: float) -> Make:
    """A header field of one piece, up to that size."""
    return lambda share: message(b"Hello", "text/plain", name + b": " + repeated(piece, size * share) + b"\r\n")


def parts(piece: bytes, size: float) -> Make:
    """Parts of one kind, up to that size in all."""
    return lambda share: multipart(repeated(piece, size * share))


ATTACKS: dict[str, Make] = {
    "deep multiparts": deep_multiparts,
    "deep messages": lambda share: HEAD + repeated(b"Content-Type: message/rfc822\r\n\r\n", 400_000 * share),
    "flat parts": parts(b"--b\r\n\r\nx\r\n", 20 * MB),
    "html parts": html_parts,
    "almost boundaries": parts(b"--b-\r\n--bb\r\n-- b\r\n", 20 * MB),
    "header fields": many_headers,
    "one folded header": header(b"Subject", b"free money\r\n ", 10 * MB),
    "encoded words": header(b"Subject", b"=?utf-8?q?free?= =?utf-8?b?bW9uZXk=?= ", 4 * MB),
    "addresses": header(b"Cc", b"Ann <ann@mill.example>, ", 8 * MB),
    "comments in an address": header(b"Reply-To", b"(", 2 * MB),
    "parameters": parameters,
    "one line of 50 MB": text(b"x", 50 * MB),
    "bait of words": text(b"a a a a a a a a aa! ", 12 * MB),
    "bait of blanks": text(b"    \t   ", 12 * MB),
    "bait of dots and digits": text(b"1.1.1.1.1-w.w.w-", 12 * MB),
    "bait of wording": text(b"click here to claim your free prize now ", 12 * MB),
    "zero bytes": text(b"\0", 25 * MB),
    "marks without letters": text("\u0301\u200b\u202e".encode(), 10 * MB),
    "soft line ends": lambda share: message(
        repeated(b"=\r\n=C3=", 10 * MB * share), "text/html", b"Content-Transfer-Encoding: quoted-printable\r\n"
    ),
    "no base64": lambda share: message(
        repeated(b"=A==B\r\n", 20 * MB * share), "text/html", b"Content-Transfer-Encoding: base64\r\n"
    ),
    "open elements": page(b"<div>", 4 * MB),
    "open formatting": page(b"<p><b><i><u><a href=x>", 4 * MB),
    "open tables": page(b"<table><tr><td>x", 4 * MB),
    "open comments": page(b"<!-- <!-", 4 * MB),
    "elements with text": page(b"<p>free <b>money</b> <a href=http://x.example/>now</a></p>", 4 * MB),
    "attributes": lambda share: html(b"<p " + repeated(b'a="b" ', 4 * MB * share) + b">x</p>"),
    "references": page(b"&amp;&#x41;&NotEqualTilde;&", 4 * MB),
    "links": page(b"<a href='http://a.example/?u=http://b.example'>c.example</a>", 4 * MB),
    "inline pictures": page(b"<img src='data:image/png;base64,iVBORw0KGgo='>", 4 * MB),
    "styles": styles,
    "style attributes": page(b"<p style='color:red;background:url(x);font:1px x'>x", 4 * MB),
    "drawing": lambda share: attached(
        b"<svg>" + repeated(b"<g><use href='#a'/>", MB * share), "a.svg", "image/svg+xml"
    ),
    "pdf": lambda share: attached(b"%PDF-1.7\n" + repeated(b"1 0 obj<</A[<</B 1 0 R>>]>>", 10 * MB * share), "a.pdf"),
    "zip bomb": zip_bomb,
    "nested zips": nested_zips,
    "gzip bombs": gzip_bombs,
    "delivery status": lambda share: message(repeated(b"\r\n", 8 * MB * share), "message/delivery-status"),
}


def attack(number: int, of: int, largest: float = 1.0) -> tuple[str, bytes]:
    """The kind and the bytes of one of so many attacks: all kinds in turn, each the larger the later it comes."""
    names = sorted(ATTACKS)
    name = names[number % len(names)]
    rounds = -(-of // len(names))
    return name, ATTACKS[name](largest * (number // len(names) + 1) / rounds)
