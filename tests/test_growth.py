"""Cost grows in proportion to the input: 10 times as much takes at most 12 times as long, whatever there is more of."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from spamlint import Linter, Message

ALLOWED = 12.0
ATTEMPTS = 12
RUNS = 5

HEAD = (
    "From: Mill Lane Library <desk@mill-lane-library.example>\r\n"
    "To: Ada Brook <ada.brook@aldbury.example>\r\n"
    "Subject: Opening hours in spring\r\n"
    "Date: Mon, 02 Mar 2026 09:30:00 +0100\r\n"
    "Message-ID: <20260302.0930@mill-lane-library.example>\r\n"
    "MIME-Version: 1.0\r\n"
)
LINE = "The library opens at nine; borrowed books may come back a week later than usual.\r\n"


def plain(text: str) -> str:
    return f'{HEAD}Content-Type: text/plain; charset="utf-8"\r\n\r\n{text}'


def page(body: str) -> str:
    document = (
        f'<!DOCTYPE html>\r\n<html lang="en"><head><title>Hours</title></head><body>\r\n{body}\r\n</body></html>\r\n'
    )
    return f'{HEAD}Content-Type: text/html; charset="utf-8"\r\n\r\n{document}'


def text(size: int) -> str:
    return plain(LINE * (size * 10))


def quoted_printable(size: int) -> str:
    lines = "Caf=C3=A9 Molen=\r\nlaan opent om =E2=82=AC 2, ook op zondag.\r\n" * (size * 10)
    return plain(lines).replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", 1)


def one_long_line(size: int) -> str:
    return plain(LINE.rstrip() * (size * 10) + "\r\n")


def capitals(size: int) -> str:
    return plain("FREE!!! CLICK NOW $$$ " * (size * 20))


def html(size: int) -> str:
    return page("<p>The <b>reading room</b> is warm &amp; quiet.</p>\r\n" * (size * 5))


def sloppy_html(size: int) -> str:
    return page("<p>The <b>reading <i>room</b></td> is </div>warm & quiet.<p a=1 a=2>\r\n" * (size * 3))


def unclosed_comments(size: int) -> str:
    return page("<!-- <![endif]--><!--[if mso]><p>" * (size * 5))


def parts(size: int) -> str:
    part = f"--edge\r\nContent-Type: text/plain\r\n\r\n{LINE}\r\n"
    return f'{HEAD}Content-Type: multipart/mixed; boundary="edge"\r\n\r\n{part * size}--edge--\r\n'


def headers(size: int) -> str:
    return "".join(f"X-Shelf-{number}: row {number}\r\n" for number in range(size * 10)) + plain(LINE)


def one_long_header(size: int) -> str:
    return "X-Shelf: " + "=?utf-8?q?caf=C3=A9?=\r\n " * (size * 10) + "end\r\n" + plain(LINE)


def attributes(size: int) -> str:
    return page("<p " + " ".join(f"data-{number}='&lt;{number}'" for number in range(size * 20)) + ">Hello</p>")


def same_attribute(size: int) -> str:
    return page("<p " + "class=a " * (size * 20) + ">Hello</p>")


def nesting(size: int) -> str:
    return page("<div>" * (size * 20) + "deep" + "</div>" * (size * 20))


def unclosed_nesting(size: int) -> str:
    return page("<div><b><i>" * (size * 10))


def nested_multiparts(size: int) -> str:
    opened = "".join(
        f'Content-Type: multipart/mixed; boundary="edge{level}"\r\n\r\n--edge{level}\r\n' for level in range(size * 5)
    )
    return HEAD + opened + f"Content-Type: text/plain\r\n\r\n{LINE}"


def links(size: int) -> str:
    return page('<p><a href="https://mill-lane-library.example/books?a=1&amp;b=2">A book</a></p>\r\n' * (size * 5))


def scripts(size: int) -> str:
    return page('<a href="javascript:go()" onclick="go()">Go</a><script>go()</script>\r\n' * (size * 3))


def pictures(size: int) -> str:
    tags = '<p><a href="#"><img src="cid:a" style="width:50%"><div style="background:url(b.png);height:9px">'
    return page("<style>" + ".a{background:url(c.png)" * size + "</style>" + tags * (size * 3))


MESSAGES: tuple[Callable[[int], str], ...] = (
    text, quoted_printable, one_long_line, capitals, html, sloppy_html, unclosed_comments, parts, headers,
    one_long_header, attributes, same_attribute, nesting, unclosed_nesting, nested_multiparts, links, scripts,
    pictures,
)  # fmt: skip


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


def least_time(linter: Linter, raw: bytes, runs: int) -> float:
    """CPU seconds of one whole check, places included: the least of several runs.

    The garbage collector is off meanwhile: its full passes depend on all that the process holds, and come in steps.
    """
    figures = []
    for _ in range(runs):
        gc.collect()
        gc.disable()
        start = time.process_time()
        verdict = linter.check(Message.from_bytes(raw))
        assert all(finding.places for finding in verdict.findings)
        figures.append(time.process_time() - start)
        gc.enable()
    return min(figures)


@pytest.mark.parametrize("make", MESSAGES, ids=lambda make: make.__name__)
def test_ten_times_the_input_takes_at_most_twelve_times_as_long(linter: Linter, make: Callable[[int], str]) -> None:
    small, large = make(100).encode(), make(1000).encode()
    assert 8 < len(large) / len(small) < 12
    ratio = float("inf")
    for _ in range(ATTEMPTS):
        ratio = min(ratio, least_time(linter, large, RUNS) / least_time(linter, small, 2 * RUNS))
        if ratio <= ALLOWED:
            break
    assert ratio <= ALLOWED, f"{ratio:.1f} times as long"
