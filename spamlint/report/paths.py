"""Paths as other programs want them: relative to a folder, with slashes; as the reference of a URI."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote

_DRIVE = re.compile(r"[A-Za-z]:/")


def relative(path: str, folder: str, root: str) -> str:
    """`path`, which is given in `folder`, as seen from `root`; unchanged but for its slashes where it lies outside."""
    given, folder, root = (text.replace("\\", "/") if _is_windows(folder) else text for text in (path, folder, root))
    whole = posixpath.normpath(given if _is_absolute(given) else posixpath.join(folder, given))
    top = posixpath.normpath(root)
    if whole.startswith(top.rstrip("/") + "/"):
        return whole[len(top.rstrip("/")) + 1 :]
    return posixpath.normpath(given)


def uri(path: str) -> str:
    """A path of `relative` as the reference of a URI: percent-encoded, an absolute one with its scheme."""
    encoded = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    if path.startswith("/"):
        return "file://" + encoded
    return "file:///" + encoded.replace("%3A", ":", 1) if _DRIVE.match(path) else encoded


def _is_windows(folder: str) -> bool:
    return "\\" in folder or _DRIVE.match(folder) is not None


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or _DRIVE.match(path) is not None
