"""The language of a text by its commonest words: enough to declare it, where the text is long enough to be sure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_MOST = 20_000
"""Code points that are read."""
_SURE_WORDS = 12
"""Common words of a language from which on it is sure, where no other has half as many."""
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\{#.*?#\}|\*\|.*?\|\*|%%.*?%%", re.DOTALL)

_COMMON = {
    "en": "the and you your to of is in for this that with are we our have on be will if from it at an or not as has",
    "nl": "de het een en van je uw jouw te dat die niet met voor op zijn is wij ons onze naar ook maar om aan er wordt",
    "de": "der die das und sie ihr ihre nicht mit für auf ist ein eine wir uns unser zu den dem von auch im oder wird",
    "fr": "le la les des et vous votre vos une un pour dans est nous notre avec sur ce cette que qui pas du au par",
    "es": "el la los las de y que su sus para por con una un es en nuestro nosotros usted tu se lo del este esta si",
    "it": "il la gli le di che e per con una un è sono tuo tua suo nostro noi questo questa del della non ti ci si nel",
    "pt": "o a os as de e que para com uma um é seu sua nosso nossa você não do da em no na por este esta se mais",
    "sv": "och att det som en ett du din ditt för med på är vi vår har inte av till den om eller kan från detta",
    "da": "og at det som en et du din dit for med på er vi vores har ikke af til den om eller kan fra dette",
    "pl": "i w na z do że się nie to jest twoje twój dla od jak oraz lub przez nas nasz po za czy tak ale",
}


def language_of(text: str) -> tuple[str, bool]:
    """The tag of the language that `text` is most likely in ("" where nothing tells), and whether it is sure."""
    words = Counter(re.findall(r"[^\W\d_]+", _EXPRESSION.sub(" ", text[:_MOST]).lower()))
    counted = sorted(((_count(words, common), tag) for tag, common in _COMMON.items()), reverse=True)
    (most, tag), (second, _) = counted[:2]
    if most < 2 or most == second:
        return "", False
    return tag, most >= _SURE_WORDS and most >= 2 * second


def _count(words: Mapping[str, int], common: str) -> int:
    return sum(words.get(word, 0) for word in common.split())
