"""Messages as they lie in a file: header fields and parts with exact positions. Parsing never raises."""

from spamlint.mime.block import Block
from spamlint.mime.charset import draft_codec
from spamlint.mime.defect import Defect
from spamlint.mime.entity import parse, top_block
from spamlint.mime.header import Header
from spamlint.mime.part import Part, alternative, draft

__all__ = ["Block", "Defect", "Header", "Part", "alternative", "draft", "draft_codec", "parse", "top_block"]
