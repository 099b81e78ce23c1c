"""What templates cost: 100 of 20 KB, with loops, branches and an include, by the command line, start-up included.

`python benchmarks/templates.py` runs it, for Jinja2 and for Django, with two processes.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TEMPLATES = 100
SIZE = 20_000
RUNS = 5
WORDS = ("the", "bread", "is", "ready", "to", "be", "fetched", "from", "our", "shop", "every", "day", "before", "noon")
ROWS = (
    '<tr><td style="padding:10px;font-family:Arial,sans-serif">{words}</td></tr>',
    '<tr><td style="padding:10px;color:#334455">{words}</td><td>{words}</td></tr>',
    "<tr><td>{words} {{{{ name_{number} }}}}</td></tr>",
    "{{% if is_{few} %}}<tr><td>{words}</td></tr>{{% else %}}<tr><td>{words}</td></tr>{{% endif %}}",
    "{{% for one in rows_{few} %}}<tr><td>{words} {{{{ one.title }}}}</td></tr>{{% endfor %}}",
    '<tr><td><a href="https://bakery.example/{{{{ path_{number} }}}}">{words}</a></td></tr>',
)


def template(chance: random.Random) -> str:
    """A template of `SIZE` code points."""
    rows: list[str] = []
    length = 0
    while length < SIZE:
        row = chance.choice(ROWS)
        made = row.format(words=" ".join(chance.choices(WORDS, k=30)), number=len(rows), few=len(rows) % 7)
        rows.append(made)
        length += len(made) + 1
    head = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Bread</title></head><body><table>\n'
    return head + "\n".join(rows) + '\n</table>{% include "foot.html" %}</body></html>\n'


def main() -> None:
    """Prints the wall time of each run."""
    for language in ("jinja2", "django"):
        _measure(language)


def _measure(language: str) -> None:
    chance = random.Random(5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "foot.html").write_text("<p>The bakery, Mill Lane 5, Utrecht {{ year }}</p>\n")
        for number in range(TEMPLATES):
            (folder / f"{number}.html").write_text(template(chance))
        paths = sorted(str(path) for path in folder.glob("*.html") if path.stem.isdigit())
        command = [sys.executable, "-m", "spamlint", "check", "--no-config", "--quiet", "-j2"]
        for _ in range(RUNS):
            start = time.perf_counter()
            subprocess.run([*command, "--template-language", language, *paths], check=True, stdout=subprocess.DEVNULL)
            spent = time.perf_counter() - start
            print(f"{language}: {TEMPLATES} templates of {SIZE // 1000} KB: {spent:.2f} s")


if __name__ == "__main__":
    main()
