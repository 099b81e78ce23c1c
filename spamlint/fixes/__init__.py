"""Cures that can be written into a draft exactly: edits for findings, made when somebody asks for them.

`table.fixes_of` gives those of one finding, `passes.fixed` the draft with all of them.
"""

from spamlint.fixes.edit import Edit, Fix

__all__ = ["Edit", "Fix"]
