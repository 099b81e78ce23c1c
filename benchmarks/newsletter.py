"""A made-up HTML newsletter of a chosen size, the same on every run."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

SHOP = "https://www.lindenhof-seeds.example"
PLANTS = ("Early spinach", "Broad bean", "Crimson beet", "Tall dill", "Winter leek", "Garden pea", "Blue borage")
NOTES = (
    "Sow it outdoors as soon as the soil can be worked; a cold night does it no harm.",
    "Our own harvest from last summer, tested for germination in January.",
    "A quiet favourite of the allotment behind the station: sturdy stems and a long season.",
    "Keep the bed moist during the first two weeks and thin the rows to a hand's width.",
    "Good company for carrots, less so for onions. The bees will thank you either way.",
)

HEAD = """<!DOCTYPE html>
<html lang="en" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Seeds for March</title>
<!--[if mso]><style>td { font-family: Arial, sans-serif; }</style><![endif]-->
<style>
body { margin: 0; background: #f4f1ea; color: #33302a; font-family: Georgia, serif; }
.card { background: #ffffff; border-radius: 6px; }
@media (max-width: 600px) { .column { display: block; width: 100%; } }
</style>
</head>
<body>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0">
<tr><td style="padding:24px"><h1 style="font-size:26px">Seeds for March</h1>
<p>The days are longer than the nights again. Here is what can go into the ground this month.</p></td></tr>
"""

TAIL = f"""<tr><td style="padding:24px;font-size:13px">
<p>Lindenhof Seeds, 4 Mill Lane, Aldbury. You receive this letter because you asked for it on our website.</p>
<p><a href="{SHOP}/letter/preferences">Change what we send</a> or <a href="{SHOP}/letter/leave">unsubscribe</a>.</p>
</td></tr>
</table>
</td></tr></table>
</body>
</html>
"""


def product(number: int) -> str:
    """One product card, about 1.2 KB of HTML."""
    name = f"{PLANTS[number % len(PLANTS)]} no. {number}"
    link = f"{SHOP}/seeds/{number}?from=letter&amp;month=march"
    cell = "font-family:Georgia,serif;font-size:15px;line-height:22px;color:#33302a;padding:12px"
    return (
        f'<tr><td class="card" style="padding:12px 24px">\n'
        f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>\n'
        f'<td class="column" width="140" valign="top"><a href="{link}">'
        f'<img src="{SHOP}/pictures/{number}.jpg" width="120" height="120" alt="A packet of {name}" '
        f'style="display:block;border:0"></a></td>\n'
        f'<td class="column" valign="top" style="{cell}">\n'
        f'<h2 style="font-size:18px;margin:0 0 8px 0"><a href="{link}" style="color:#4a6b3a">{name}</a></h2>\n'
        f"<p>{NOTES[number % len(NOTES)]}</p>\n"
        f"<p>{NOTES[(number + 2) % len(NOTES)]} Packet of {20 + number} seeds, "
        f"<strong>€&nbsp;{2 + number % 4}.{number % 10}5</strong>.</p>\n"
        f'<p><a href="{link}" style="background:#4a6b3a;color:#ffffff;padding:8px 16px">Read more</a></p>\n'
        f"</td></tr></table>\n</td></tr>\n"
    )


def html(size: int) -> str:
    """A newsletter of at least `size` bytes of HTML, at most one product card more."""
    pieces, length, number = [HEAD], len((HEAD + TAIL).encode()), 0
    while length < size:
        number += 1
        pieces.append(product(number))
        length += len(pieces[-1].encode())
    return "".join([*pieces, TAIL])


def text(page: str) -> str:
    """The plain version of a newsletter made by `html`."""
    lines = ["Seeds for March", "", "The days are longer than the nights again."]
    lines += ["Here is what can go into the ground this month.", ""]
    for number in range(1, page.count('class="card"') + 1):
        name = f"{PLANTS[number % len(PLANTS)]} no. {number}"
        lines += [name, NOTES[number % len(NOTES)], NOTES[(number + 2) % len(NOTES)], ""]
        lines += [f"Packet of {20 + number} seeds, EUR {2 + number % 4}.{number % 10}5.", f"{SHOP}/seeds/{number}", ""]
    lines += ["Lindenhof Seeds, 4 Mill Lane, Aldbury.", f"Unsubscribe: {SHOP}/letter/leave", ""]
    return "\n".join(lines)


def newsletter(size: int = 52 * 1024) -> bytes:
    """A whole message, text and HTML, with `size` bytes of HTML."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Lindenhof Seeds <letter@lindenhof-seeds.example>"
    message["To"] = "Ada Brook <ada.brook@aldbury.example>"
    message["Subject"] = "Seeds for March: what can go into the ground now"
    message["Date"] = "Tue, 03 Mar 2026 08:15:00 +0100"
    message["Message-ID"] = "<20260303081500.4711@lindenhof-seeds.example>"
    message["List-Unsubscribe"] = f"<{SHOP}/letter/leave?who=4711>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    page = html(size)
    message.set_content(text(page), cte="quoted-printable")
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    message.set_boundary("----=_lindenhof_seeds_march")
    return message.as_bytes()
