"""`python -m spamlint`."""

from __future__ import annotations

from spamlint.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
