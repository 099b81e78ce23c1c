"""How text and subject are written: fair to every language and script, exact in its counts, linear in time."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spamlint.checks import subject_shape, wording
from spamlint.linter import Linter
from spamlint.matcher import Matcher
from spamlint.message import Message
from spamlint.rule import Hit, Match, Rule
from spamlint.verdict import Finding, Policy, Words

LINTER = Linter(Policy(select=("wording", "subject"), ignore=("subject/raw-8bit",)))
WORDS = {"en": Words("t", "m", "w.", "f.")}


def mail(body: str, subject: str = "Your bread") -> Message:
    head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return Message.from_bytes(f"Subject: {subject}\r\n{head}{body}".encode())


def rules_of(message: Message) -> set[str]:
    return {finding.rule for finding in LINTER.check(message).findings}


def values(hits: Sequence[Hit], name: str) -> list[object]:
    return [hit.values[name] for hit in hits]


FAIR = {
    "German nouns": "Der Bäcker und die Bäckerin, das Brot und der Ofen: Montag, Dienstag. Straße, Übung, Ärzte.",
    "Russian": "Здравствуйте, Анна. Хлеб готов, его можно забрать завтра утром в нашей пекарне на улице Ленина.",
    "Greek": "Καλημέρα Άννα. Το ψωμί είναι έτοιμο και μπορείτε να το πάρετε αύριο το πρωί.",
    "Japanese": "アンナ様、パンの用意ができました。明日の朝、お店でお受け取りください。",
    "Arabic": "مرحبا آنا، الخبز جاهز ويمكنك استلامه غدا صباحا من المخبز.",
    "Turkish": "Merhaba Anna, ekmek hazır. Yarın sabah İstanbul'daki fırından alabilirsiniz. Işık açık.",
    "Dutch": "Beste Bo, het brood ligt klaar. IJsbrand haalt het op bij bakkerij De Oven aan de Coolsingel.",
    "French": "Bonjour Bo, le pain est prêt. Vous pouvez le chercher demain matin à la boulangerie.",
    "Spanish": "¡Hola, Bo! El pan está listo. ¿Puedes recogerlo mañana? ¡Gracias!",
    "Portuguese": "Olá Bo, o pão está pronto. Pode vir buscá-lo amanhã de manhã.",
    "acronyms": "The EU, the UN, NATO and the BBC met the FBI about USB, HTML and PDF, and then went home.",
}


@pytest.mark.parametrize("language", FAIR)
def test_an_ordinary_letter_is_fine_in_every_language(language: str) -> None:
    assert rules_of(mail(FAIR[language], FAIR[language][:22].strip())) == set()


@pytest.mark.parametrize("text", ["ХЛЕБ", "ΨΩΜΙ", "BREAD", "BRÖTCHEN"])
def test_capitals_of_every_script_count_the_same(text: str) -> None:
    (hit,) = wording.shouted_words(mail(f"{text} {text} {text} {text} {text}"))
    assert hit.values["percent"] == 100


@given(st.text(alphabet=st.characters(categories=["Lo", "Ll", "Zs", "Nd", "Mn"]), max_size=400))
def test_small_letters_and_scripts_without_case_never_shout(text: str) -> None:
    message = mail("x", "x")
    message.__dict__["body"] = (mail(text).body[0],)
    assert list(wording.shouted_words(message)) == []


@given(st.text(max_size=300), st.text(max_size=80))
def test_no_text_makes_a_check_fail(body: str, subject: str) -> None:
    verdict = LINTER.check(mail(body, subject))
    assert verdict.errors == ()


def test_marks_count_one_by_one() -> None:
    hits = list(wording.many_exclamation_marks(mail("Bread!!! Rolls! Now.")))
    assert [hit.count for hit in hits] == [3, 1]
    assert values(hits, "density") == [133, 133]


def test_a_few_marks_in_a_long_text_are_fine() -> None:
    assert list(wording.many_exclamation_marks(mail("bread " * 400 + "! ! ! !"))) == []


def test_the_same_phrase_counts_once() -> None:
    rule = Rule("t/t", "note", 1, WORDS, match=Match(("body",), ("(?i)bread", "(?i)rolls"), (), words=True))  # type: ignore[arg-type]
    hits = list(Matcher([rule]).hits(rule, mail("Bread, bread, rolls, BREAD")))
    assert values(hits, "phrases") == [1, 1, 2, 2]


def test_several_phrases_of_one_intent_weigh_more_than_one() -> None:
    def score(text: str) -> int:
        found: Sequence[Finding] = LINTER.check(mail(text)).findings
        return next(finding.base_score for finding in found if finding.rule == "wording/advance-fee")

    one = score("You are the next of kin. Next of kin!")
    assert one < score("You are the next of kin of a dormant account.")


@pytest.mark.parametrize("text", ["a\xa0" * 50_000, "\n" * 200_000, "! " * 100_000, "$1 " * 60_000, "AB" * 100_000])
def test_hostile_text_is_read_in_no_time(text: str) -> None:
    message = mail(text, text.replace("\n", " "))
    start = time.process_time()
    LINTER.check(message)
    assert time.process_time() - start < 2


def test_a_gap_of_words_is_cut_out_of_the_scan_and_not_out_of_the_match() -> None:
    rule = Rule(
        "t/t",
        "note",
        1,
        WORDS,  # type: ignore[arg-type]
        match=Match(
            ("body",), (r"(?i)your\s+(?:\S+\s+){0,2}(?:bread|rolls)", r"(?i)(?:a|b)\s+(?:\S+\s+)?c|d"), (), words=True
        ),
    )
    matcher = Matcher([rule])
    for text, wanted in (
        ("Your fresh warm bread", ["Your fresh warm bread"]),
        ("Your very fresh warm bread", []),
        ("bread is your thing", []),
        ("a x c, d", ["a x c", "d"]),
    ):
        message = mail(text)
        numbers = matcher.candidates(message).get("t/t", ())
        assert [hit.values["text"] for hit in matcher.hits(rule, message, numbers)] == wanted
        assert [hit.values["text"] for hit in matcher.hits(rule, message)] == wanted


def test_the_place_of_a_random_ending_is_exact_in_a_long_subject() -> None:
    (hit,) = subject_shape.random_ending(mail("x", "bread " * 30 + "qwxkz"))
    assert hit.text is not None
    assert hit.text.span.raw == b"qwxkz"


@pytest.mark.parametrize(
    "word", ["rhythms", "Angstschweiss", "Borschtsch", "HTML5", "2024Q1", "SMTP", "Kirchstr", "471147"]
)
def test_real_words_and_numbers_are_no_random_ending(word: str) -> None:
    assert list(subject_shape.random_ending(mail("x", f"About {word}"))) == []
