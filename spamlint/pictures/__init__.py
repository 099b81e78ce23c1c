"""The pictures of a message: every one, however it comes in, with its size on the screen and what it is for."""

from spamlint.pictures.collection import Pictures
from spamlint.pictures.measure import FIRST_HEAD, LONGEST_HEAD, is_animated, measured
from spamlint.pictures.parts import content_id, data_head, head_of, is_picture, size_of
from spamlint.pictures.picture import Picture

__all__ = [
    "FIRST_HEAD", "LONGEST_HEAD", "Picture", "Pictures", "content_id", "data_head", "head_of", "is_animated",
    "is_picture", "measured", "size_of",
]  # fmt: skip
