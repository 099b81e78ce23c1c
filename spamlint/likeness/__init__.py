"""How much a message reads like unwanted mail: a short list of words and marks of style, each with its weight."""

from spamlint.likeness.reading import Reading, Reason, read

__all__ = ["Reading", "Reason", "read"]
