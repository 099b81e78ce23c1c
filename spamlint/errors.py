"""What a person did wrong, said in one message. Bad mail never raises: it is data.

SpamlintError
├── ConfigError      configuration or an argument: file, key and reason
├── RuleFileError    one or more rule files: every problem, with file and key
└── OutputError      a report that cannot be written: file and reason
"""

from __future__ import annotations


class SpamlintError(Exception):
    """The base of all errors that spamlint raises on purpose; its text is ready to be shown."""


class ConfigError(SpamlintError):
    """Configuration or an argument that cannot be used."""


class RuleFileError(SpamlintError):
    """Rule files that cannot be used; the text has one line for each problem."""


class OutputError(SpamlintError):
    """A report that cannot be written where it should be."""
