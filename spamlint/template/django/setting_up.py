"""Django made ready to render: by itself, or with the settings of a project whose code may be run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import django
from django.conf import settings

LIBRARIES: Final[Mapping[str, str]] = {
    "cache": "django.templatetags.cache",
    "humanize": "django.contrib.humanize.templatetags.humanize",
    "i18n": "django.templatetags.i18n",
    "l10n": "django.templatetags.l10n",
    "static": "django.templatetags.static",
    "staticfiles": "django.templatetags.static",
    "tz": "django.templatetags.tz",
}
"""What `{% load %}` finds without a project."""

_HOST: Final = "https://www.mill-lane-library.org"


@dataclass(frozen=True, slots=True)
class Django:
    """What templates may use. `folders` are those of a project, from which its templates may include as well."""

    project: bool = False
    folders: Sequence[Path] = ()
    libraries: Mapping[str, str] = field(default_factory=lambda: LIBRARIES)
    builtins: Sequence[str] = ()


def by_itself() -> Django:
    """Django without a project: no database, no applications, no translations."""
    settings.configure(
        CACHES={"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
        LOGGING_CONFIG=None,
        MEDIA_URL=f"{_HOST}/media/",
        STATIC_URL=f"{_HOST}/static/",
        USE_I18N=False,
        USE_TZ=False,
    )
    django.setup()
    return Django()


def with_project(module: str) -> Django:
    """Django with the settings in `module`: its code, and that of its applications, is run."""
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    django.setup()
    from django.template.backends.django import get_installed_libraries
    from django.template.utils import get_app_template_dirs

    libraries, builtins = dict(LIBRARIES) | get_installed_libraries(), list[str]()
    folders = list[Path]()
    for row in settings.TEMPLATES:
        if row.get("BACKEND", "").endswith("DjangoTemplates"):
            options = row.get("OPTIONS", {})
            libraries |= options.get("libraries", {})
            builtins += options.get("builtins", [])
            folders += (Path(folder) for folder in row.get("DIRS", []))
    folders += (Path(folder) for folder in get_app_template_dirs("templates"))
    return Django(project=True, folders=folders, libraries=libraries, builtins=builtins)
