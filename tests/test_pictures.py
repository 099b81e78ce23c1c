"""The pictures of a message: which there are, how large they are shown, and what they are for."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint import Message
from spamlint.limits import Limits
from spamlint.pictures import Picture, Pictures, data_head, is_animated, measured
from spamlint.pictures.collection import count_words
from spamlint.unread import limits_reached

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GIF_HEAD = b"GIF89a" + struct.pack("<HH", 300, 200) + b"\x80\0\0" + bytes(6)
GIF_FRAME = b"!\xf9\x04\0\x0a\0\0\0,\0\0\0\0\x2c\x01\xc8\0\0\x02\x02D\x01\0"


def png(width: int, height: int, more: bytes = b"") -> bytes:
    return SIGNATURE + struct.pack(">I4sII5sI", 13, b"IHDR", width, height, b"\x08\x02\0\0\0", 0) + more


def jpeg(width: int, height: int, before: bytes = b"") -> bytes:
    segment = b"\xff\xe1" + struct.pack(">H", len(before) + 2) + before
    return b"\xff\xd8" + segment + b"\xff\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + b"\x03" + bytes(9)


HEADS = {
    "png": png(300, 200),
    "gif": GIF_HEAD + GIF_FRAME + b";",
    "jpeg": jpeg(300, 200, b"Exif\0\0" + b"\xff\xc0" * 90),
    "bmp": b"BM" + bytes(12) + struct.pack("<Iii", 40, 300, -200),
    "bmp of OS/2": b"BM" + bytes(12) + struct.pack("<IHH", 12, 300, 200) + bytes(4),
    "webp": b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 300, 200 | 0x4000),
    "webp without loss": b"RIFF\0\0\0\0WEBPVP8L" + bytes(4) + b"/" + struct.pack("<I", 299 | 199 << 14),
    "webp with more": b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x2b\x01\0" + b"\xc7\0\0",
}


def draft(html: str) -> Pictures:
    return Message.draft(html.encode(), "mail.html").pictures


def only(html: str) -> Picture:
    (picture,) = draft(html).every
    return picture


def mail(html: str, *parts: tuple[str, bytes]) -> Message:
    """A multipart/related of the HTML and of parts, each with its headers and its content, which is put in base64."""
    lines = ["MIME-Version: 1.0", "Content-Type: multipart/related; boundary=cut", "", "--cut"]
    lines += ["Content-Type: text/html; charset=utf-8", "", html]
    for headers, content in parts:
        encoded = base64.encodebytes(content).decode().rstrip()
        lines += ["--cut", headers, "Content-Transfer-Encoding: base64", "", encoded]
    return Message.from_bytes("\n".join([*lines, "--cut--", ""]).replace("\n", "\r\n").encode())


@pytest.mark.parametrize("name", HEADS)
def test_the_header_of_a_file_tells_its_size(name: str) -> None:
    found = measured(HEADS[name])
    assert found is not None
    assert (found.format, found.width, found.height) == (name.split(maxsplit=1)[0], 300, 200)


@pytest.mark.parametrize("name", HEADS)
def test_a_header_that_breaks_off_tells_the_same_or_nothing(name: str) -> None:
    whole = measured(HEADS[name])
    for end in range(len(HEADS[name])):
        assert measured(HEADS[name][:end]) in (None, whole)
        is_animated(HEADS[name][:end])


@given(st.sampled_from([head[:12] for head in HEADS.values()]), st.binary(max_size=80))
def test_any_bytes_can_be_measured(start: bytes, rest: bytes) -> None:
    found = measured(start + rest)
    assert found is None or (found.width > 0 and found.height > 0)
    is_animated(start + rest)
    data_head("data:image/png;base64," + rest.decode("latin-1"), 50)


@pytest.mark.parametrize(
    ("head", "moves"),
    [
        (GIF_HEAD + GIF_FRAME + b";", False),
        (GIF_HEAD + GIF_FRAME * 2 + b";", True),
        (GIF_HEAD + b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + GIF_FRAME[:20], True),
        (png(3, 2, b"\0\0\0\x08acTL\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\x09IDAT"), True),
        (png(3, 2, b"\0\0\0\x09IDAT acTL"), False),
        (HEADS["webp with more"][:20] + b"\x02" + HEADS["webp with more"][21:], True),
        (HEADS["webp with more"], False),
        (HEADS["jpeg"], False),
    ],
)
def test_moving_pictures_are_told_from_still_ones(head: bytes, moves: bool) -> None:
    assert is_animated(head) is moves


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="300" height="200"', (300, 200)),
        ('width=" 300px" height="200.4"', (300, 200)),
        ('width="300" height="150" style="WIDTH: 100px; height:auto"', (100, 50)),
        ('width="300" height="150" style="width:600px"', (600, 150)),
        ('width="600" height="1" style="max-height:1px;height:20px"', (600, 1)),
        ('style="width:90px;height:auto"', (90, 90)),
        ('style="width:100%;max-width:400px;height:120px"', (400, 120)),
        ('style="max-width:300px"', (300, 150)),
        ('width="50%"', (300, 150)),
        ('width="80"', (80, 80)),
        ('height="90"', (90, 90)),
        ('width="1200" style="max-width:100%" height="100"', (600, 100)),
        ('width="20em"', (320, 160)),
        ('width="99999999" height="99999999999999"', (2000, 2000)),
        ('width="auto" height="-5"', (200, 200)),
        ("", (200, 200)),
    ],
)
def test_a_declared_size_counts(attributes: str, size: tuple[int, int]) -> None:
    picture = only(f'<img src="https://bakery.example/b.jpg" {attributes}>')
    assert (picture.width, picture.height) == size


def test_a_percentage_is_taken_of_the_place() -> None:
    cells = '<table width="600"><tr><td width="300"><p><img src="/a.jpg" width="100%" height="90"></table>'
    block = '<div style="max-width:200px"><div style="width:90%"><img src="/a.jpg" style="width:50%;height:90px"></div>'
    assert only(cells).width == 300
    assert only(block).width == 100


@pytest.mark.parametrize(
    ("html", "role"),
    [
        ('<img src="/a.jpg" width="300" height="200">', "shown"),
        ('<img src="/a.jpg" width="32" height="32">', "icon"),
        ('<img src="https://bakery.example/facebook.png">', "icon"),
        ('<img src="/a.jpg" width="600" height="1">', "spacer"),
        ('<img src="https://bakery.example/img/spacer.gif?x=1" width="300" height="20">', "spacer"),
        ('<img src="/clearing.gif" width="300" height="200">', "shown"),
        ('<img src="/count" width="1" height="1">', "pixel"),
        ('<img src="/count" width="0">', "pixel"),
        ('<img src="/a.jpg" style="display:none">', "hidden"),
        ('<div hidden><p><img src="/a.jpg"></div>', "hidden"),
        ('<div style="max-height:0;overflow:hidden"><b style="font-size:16px"><img src="/a.jpg"></b></div>', "hidden"),
        ('<td style="font-size:0"><img src="/a.jpg" width="300"></td>', "shown"),
        ('<img src="/a.jpg" style="font-size:0">', "shown"),
    ],
)
def test_what_a_picture_is_for(html: str, role: str) -> None:
    assert only(html).role == role


def test_every_way_to_bring_a_picture_in_is_seen() -> None:
    html = """<style>.a { background: #fff url('/sheet.png'); } .b::before { content: url(/sign.png) }
    @font-face { src: url(/font.woff) }</style>
    <picture><source srcset="/large.webp 2x, /small.webp"><img src="/plain.jpg"></picture><img srcset="/set.png 2x">
    <input type="image" src="/button.png"><input type="text" src="/no.png">
    <table background="/table.png"><tr><td style="background-image:url( &quot;/cell.png&quot; )">bread</table>
    <!--[if mso]><v:rect style="width:600px;height:300px"><v:fill type="frame" src="/fill.png"/></v:rect><![endif]-->
    <!--[if !mso]><!--><img src="/others.png"><!--<![endif]-->"""
    found = [(picture.kind, picture.address, picture.src.value) for picture in draft(html).every]
    assert found == [
        ("source", "/large.webp", "/large.webp 2x, /small.webp"),
        ("img", "/plain.jpg", "/plain.jpg"),
        ("img", "/set.png", "/set.png 2x"),
        ("img", "/button.png", "/button.png"),
        ("img", "/others.png", "/others.png"),
        ("background", "/table.png", "/table.png"),
        ("css", "/cell.png", "/cell.png"),
        ("css", "/sheet.png", "/sheet.png"),
        ("css", "/sign.png", "/sign.png"),
        ("vml", "/fill.png", "/fill.png"),
    ]
    for picture in draft(html).every:
        assert picture.src.value in picture.src.span.raw.decode()


def test_a_background_counts_as_high_as_it_is_declared() -> None:
    behind = only('<td background="/a.jpg" width="600">words</td>')
    high = only('<td background="/a.jpg" width="600" height="400"></td>')
    assert (behind.role, behind.area) == ("alternate", 0)
    assert (high.role, high.area) == ("shown", 240_000)


def test_what_outlook_gets_for_a_background_counts_once() -> None:
    vml = '<!--[if mso]><v:rect style="width:600px;height:400px"><v:fill src="{}"/></v:rect><![endif]-->'
    cell = '<td style="background:url(/a.jpg);height:400px;width:600px">'
    assert draft(cell + vml.format("/a.jpg")).area == 240_000
    assert draft(cell + vml.format("/b.jpg")).area == 480_000


@pytest.mark.parametrize(
    ("html", "linked"),
    [
        ('<a href="/"><b><img src="/a.jpg"></b></a>', True),
        ('<img src="/a.jpg" usemap="#m">', True),
        ('<a name="top"><img src="/a.jpg"></a>', False),
        ('<a href="/">bread</a><img src="/a.jpg">', False),
    ],
)
def test_a_linked_picture_is_known(html: str, linked: bool) -> None:
    assert only(html).linked is linked


def test_pictures_of_the_message_are_measured_by_their_first_bytes() -> None:
    html = '<img src="cid:a"><img src="cid:b" width="150"><img src="CID:c%40d"><img src="leaf.png"><img src="cid:none">'
    message = mail(
        html,
        ("Content-Type: image/png\nContent-ID: <a>", png(1200, 600) + bytes(300_000)),
        ("Content-Type: image/jpeg\nContent-ID: <b>", jpeg(400, 200, b"Exif" + bytes(20_000)) + bytes(300_000)),
        ("Content-Type: image/gif\nContent-ID: <C@d>", HEADS["gif"]),
        ("Content-Type: image/png\nContent-Location: leaf.png", png(90, 80)),
    )
    pictures = message.pictures.every
    assert [(one.width, one.height) for one in pictures] == [(600, 300), (150, 75), (300, 200), (90, 80), (200, 200)]
    assert [one.part.path if one.part else None for one in pictures] == ["2", "3", "4", "5", None]
    assert all("_transfer" not in vars(part) for part in message.attachments)


def test_a_picture_is_not_made_larger_than_its_file() -> None:
    tag = '<img src="cid:a" {}>'
    html = "".join(map(tag.format, ('style="max-width:500px"', 'style="max-width:60px"', 'width="400"')))
    pictures = mail(html, ("Content-Type: image/png\nContent-ID: <a>", png(120, 60))).pictures.every
    assert [(one.width, one.height) for one in pictures] == [(120, 60), (60, 30), (400, 200)]


def test_a_data_address_is_measured_too() -> None:
    address = "data:image/png;base64," + base64.b64encode(png(120, 90) + bytes(9_000)).decode()
    picture = only(f'<img src="{address}">')
    assert (picture.width, picture.height, picture.origin) == (120, 90, "data")


def test_an_inline_picture_that_no_html_asks_for_is_shown_below() -> None:
    head = "From: ann@bakery.example\r\nMIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Disposition: {}\r\n\r\n"
    inline, attached = (
        Message.from_bytes(head.format(word).encode() + png(400, 300)).pictures for word in ("inline", "attachment")
    )
    assert [(one.kind, one.role, one.area) for one in inline.every] == [("attached", "shown", 120_000)]
    assert attached.every == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" — … !?", 0),
        ("Don't wait, it's 9:30 o’clock", 5),
        ("https://bakery.example/a?b=c ann@bakery.example", 2),
        ("Réservé à Zoë", 3),
        ("面包已经好了", 3),
    ],
)
def test_words_are_counted_as_a_reader_sees_them(text: str, words: int) -> None:
    assert count_words(text) == words


@given(st.text(alphabet="ab .'面é-\n", max_size=60), st.integers(0, 12))
def test_asking_for_a_number_of_words_agrees_with_counting(text: str, number: int) -> None:
    pictures = Message.draft(text.encode(), "mail.txt", content_type="text/plain").pictures
    assert pictures.has_words(number) is (number <= pictures.words)


def test_more_pictures_than_the_limit_are_a_defect() -> None:
    html = '<img src="/a.jpg">' * 30
    few = Message.draft(html.encode(), "mail.html", limits=Limits(pictures=20))
    assert len(few.pictures.every) == 20
    assert [defect.code for defect in limits_reached(few)] == ["limit-pictures"]
    assert limits_reached(Message.draft(html.encode(), "mail.html", limits=Limits(pictures=30))) == ()
