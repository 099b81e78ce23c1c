"""The options about templates, and the sample data that they name."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from spamlint.cli.parser import Parser
from spamlint.drafts import Drafts, Templates
from spamlint.errors import ConfigError
from spamlint.template.languages import NAMES, NONE
from spamlint.template.samples import sample_values

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
    group.add_argument(
        "--allow-project-code",
        action="store_true",
        help="run the code of your Django project, for its own tags, filters and settings: it may do whatever a "
        "program of yours may do, so only for a project that you trust (default: no code of a project is run)",
    )
    group.add_argument(
        "--django-settings",
        metavar="MODULE",
        help="settings of that project, as shop.settings (default: DJANGO_SETTINGS_MODULE of the environment)",
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
        _project(args, config),
    )


def _project(args: argparse.Namespace, config: Config) -> str | None:
    """The module with the settings of the project whose code may be run; ConfigError for one that cannot be used."""
    if not args.allow_project_code:
        if args.django_settings:
            raise ConfigError("--django-settings: the code of the project is run only with --allow-project-code")
        return None
    module = str(args.django_settings or config.django_settings or os.environ.get("DJANGO_SETTINGS_MODULE") or "")
    if not module:
        raise ConfigError("--allow-project-code: name the settings with --django-settings or DJANGO_SETTINGS_MODULE")
    drafts = Drafts(Templates(project=module))
    try:
        problem = drafts.problem_with_project()
    finally:
        drafts.close()
    if problem is not None:
        raise ConfigError(f"--allow-project-code: {module}: {problem}")
    return module
