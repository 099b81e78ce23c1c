"""The options about templates, and the sample data that they name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from spamlint.cli.parser import Parser
from spamlint.drafts import Templates, sample_values
from spamlint.errors import ConfigError
from spamlint.template.languages import NAMES, NONE

if TYPE_CHECKING:
    from spamlint.config import Config


def add_template_options(parser: Parser) -> None:
    """The options that say how templates are read."""
    group = parser.add_argument_group("templates")
    group.add_argument(
        "--template-language",
        choices=(*NAMES, NONE),
        help="language of every draft (default: as each looks; none: no draft is a template)",
    )
    group.add_argument(
        "--context",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="sample values as a JSON object; may be repeated: each is checked, the worst is reported",
    )
    group.add_argument(
        "--search-path",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="folder that templates may include files from; may be repeated (default: that of the template)",
    )


def templates(args: argparse.Namespace, config: Config) -> Templates:
    """How templates are read: as the command line says, else as the settings do. ConfigError for what is unusable."""
    folders: Sequence[Path] = args.search_path or config.search_path
    for folder in folders:
        if not folder.is_dir():
            raise ConfigError(f"--search-path: {folder} is not a folder")
    files: Sequence[Path] = args.context or config.contexts
    return Templates(
        args.template_language or config.template_language,
        {str(file): sample_values(file) for file in files} or None,
        tuple(folders),
    )
