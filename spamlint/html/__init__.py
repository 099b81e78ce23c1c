"""HTML as mail has it: elements, what a reader sees, and what is wrong. The only package that knows the parser."""

from spamlint.html.attributes import Attribute
from spamlint.html.conditional import Conditional
from spamlint.html.document import Document
from spamlint.html.element import Element
from spamlint.html.problem import Problem

__all__ = ["Attribute", "Conditional", "Document", "Element", "Problem"]
