"""`spamlint update`: makes reference data from a copy that a person has downloaded. It uses no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spamlint.cli.parser import Parser
from spamlint.errors import ConfigError
from spamlint.report.escape import visible

_KINDS = ("caniemail",)
_EXAMPLES = """examples:
  spamlint update caniemail data.json              a copy of https://www.caniemail.com/api/data.json
  spamlint update caniemail caniemail/_features    or the folder of features of its source
  spamlint update caniemail data.json --output mail/caniemail.json

Settings then name the file: client-data = "caniemail.json"
"""


def run(arguments: Sequence[str]) -> int:
    """Writes the data that the arguments name."""
    parser = Parser(
        prog="spamlint update",
        usage="spamlint update [--output FILE] [--force] caniemail PATH",
        description="Makes the table of what mail programs know of HTML and CSS from a newer copy of caniemail's data.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("kind", choices=_KINDS, metavar="caniemail", help="the data that is made")
    parser.add_argument("path", type=Path, metavar="PATH", help="file or folder that you have downloaded")
    parser.add_argument(
        "--output", type=Path, default=Path("caniemail.json"), metavar="FILE", help="(default: caniemail.json)"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that exists")
    args = parser.parse_args(arguments)
    from spamlint.clients.caniemail import table_from

    table = table_from(args.path)
    try:
        with args.output.open("w" if args.force else "x", encoding="utf-8") as file:
            file.write(table)
    except FileExistsError:
        raise ConfigError(f"{args.output} exists; --force writes over it") from None
    except OSError as error:
        raise ConfigError(f"{args.output}: cannot be written: {error.strerror}") from None
    from spamlint.clients.support import load_support

    made = load_support(args.output)
    print(f"{visible(str(args.output))} is written: {len(made.features)} features, tested up to {visible(made.date)}")
    return 0
