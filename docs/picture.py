"""Takes docs/report.png, the picture of the HTML report: `make report-picture`. It needs Chromium.

The browser is looked for by its usual names; CHROMIUM names another one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from spamlint.cli import main as spamlint_main

ROOT = Path(__file__).parent.parent
MESSAGE = "examples/wrong-sender.eml"
PICTURE = ROOT / "docs" / "report.png"
WIDTH, HEIGHT = 1100, 1240
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def browser() -> str | None:
    """The command that starts Chromium, or None."""
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, _NAMES)), None)


def main() -> int:
    """Write the picture, and return the exit code."""
    command = browser()
    if command is None:
        sys.stderr.write("Chromium was not found (Debian: apt install chromium); CHROMIUM=... names another browser\n")
        return 2
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        spamlint_main(["check", "--no-config", "--format", f"html={page}", MESSAGE])
        options = [
            "--headless=new", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/profile",
            f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={PICTURE}",
        ]  # fmt: skip
        if os.name == "posix" and os.getuid() == 0:
            options.append("--no-sandbox")  # Chromium refuses to run as root with one, as in a container
        started = [command, *options, page.as_uri()]
        done = subprocess.run(started, capture_output=True, text=True, check=False)  # noqa: S603 - all of it our own
    if done.returncode or not PICTURE.is_file():
        sys.stderr.write(done.stderr)
        return 1
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
