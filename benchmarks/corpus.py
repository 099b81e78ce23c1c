"""What every rule finds in every message of the corpus that SPAMLINT_CORPUS names, judged once and kept in a file.

A message is judged with the profile `message`, an HTML file as a draft. Scores play no part here: a hit is the grade of
the rule that was reached, so that the same table serves whatever points the rules have.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from spamlint import ruleset
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.rule import Rule

SETS = ("sa", "phish", "ham_modern", "templates")
LEARNED = "statistics/"
"""The rules on likeness to spam, which was learned from a part of the corpus."""
LEGITIMATE = ("ham", "hard_ham", "legit-template")
DRAFT_TYPES = (".html", ".htm")

_SCORE = re.compile(r"^\s*score\s*=.*$", re.MULTILINE)
_COPY = re.compile(rb"^(b?cc:[^\r\n]*)phishing@pot\b", re.IGNORECASE | re.MULTILINE)
_PLACEHOLDER = re.compile(rb"(?<![\w.%+=-])phishing@pot(?![\w.@=-])")
_COMMON_WORDS = {
    "en": "the and you your for this that with have are not from will our",
    "nl": "de het een van voor niet met uw dat zijn wij ook aan naar",
    "de": "der die das und ist nicht mit von sie für auf wir ein ihre",
    "fr": "le la les des vous pour est votre dans nous une pas sur avec",
    "es": "el los las que para por con una su del este como sus más",
    "pt": "que para uma com não por você seu sua dos mais está em os",
    "it": "il che per una con non del della sono gli nel alla suo questo",
    "pl": "się nie na jest do że oraz przez dla twoje za od po być",
}
_SCRIPTS = (
    ("ru", "а", "я"),
    ("ja", "ぁ", "ヺ"),
    ("zh", "一", "鿿"),
    ("ko", "가", "힣"),
    ("ar", "ء", "ي"),
    ("el", "α", "ω"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One message: where it is from, and rule id -> the grade that was reached (0: the rule's own score)."""

    path: str
    set: str
    label: str
    group: str
    """What is kept together in cross-validation: near duplicates, one sender, one project's test messages."""
    language: str
    hits: Mapping[str, int]
    incomplete: bool = False
    """A limit was reached, so that it is never a pass."""

    @property
    def kind(self) -> str:
        """Set and label."""
        return f"{self.set}/{self.label}"

    @property
    def is_spam(self) -> bool:
        """Whether it is unwanted mail."""
        return self.label == "spam"

    @property
    def is_legitimate(self) -> bool:
        """Whether a finding on it is a false alarm; mail that Gmail took for spam is neither."""
        return self.label in LEGITIMATE


def table(corpus: Path, cache: Path | None = None) -> list[Row]:
    """A row for each message and draft of `SETS`; read from `cache` where that is still true, and written there."""
    rules = ruleset.load()
    stamp = _stamp()
    if cache is not None and cache.exists():
        stored = json.loads(cache.read_text("utf-8"))
        if stored["stamp"] == stamp:
            return [Row(**row) for row in stored["rows"]]
    rows = list(_judged(corpus, rules))
    if cache is not None:
        cache.write_text(json.dumps({"stamp": stamp, "rows": [asdict(row) for row in rows]}), "utf-8")
    return rows


def corpus_folder() -> Path:
    """The folder that SPAMLINT_CORPUS names."""
    named = os.environ.get("SPAMLINT_CORPUS")
    if not named:
        sys.exit("SPAMLINT_CORPUS is not set: it names the folder with the corpus.")
    return Path(named)


def _judged(corpus: Path, rules: Sequence[Rule]) -> Iterator[Row]:
    from tqdm import tqdm

    entries = [entry for entry in manifest(corpus) if _is_mail(entry)]
    groups = _groups(entries)
    whole, graded = Linter(rules=rules), Linter(rules=[_by_grade(rule) for rule in rules])
    by_id = {rule.id: rule for rule in rules}
    unlearned = _unlearned(corpus, entries, rules)
    for entry, group in tqdm(list(zip(entries, groups, strict=True)), unit=" messages", disable=None):
        raw = repaired((corpus / entry["path"]).read_bytes())
        is_draft = entry["path"].endswith(DRAFT_TYPES)
        message = Message.draft(raw, entry["path"]) if is_draft else Message.from_bytes(raw, entry["path"])
        verdict = whole.check(message)
        for error in verdict.errors:
            sys.stderr.write(f"{entry['path']}: {error.rule}: {error.code}: {error.message}\n")
        hits = {found.rule: _grade(by_id[found.rule], found.base_score) for found in verdict.findings}
        hits |= {
            found.rule: found.base_score for found in graded.check(message).findings if _has_grades(by_id[found.rule])
        }
        if entry["path"] in unlearned:
            others = {rule: grade for rule, grade in hits.items() if not rule.startswith(LEARNED)}
            hits = others | unlearned[entry["path"]]
        language = entry.get("lang_guess") or entry.get("lang") or _language(message)
        yield Row(entry["path"], entry["set"], entry["label"], group, language, hits, verdict.incomplete)


def _unlearned(corpus: Path, entries: list[dict[str, Any]], rules: Sequence[Rule]) -> dict[str, dict[str, int]]:
    """Path -> what the rules on likeness would find in mail that it was learned from, had it not been."""
    learned = [_by_grade(rule) for rule in rules if rule.id.startswith(LEARNED)]
    if not learned:
        return {}
    from unlearned import grades

    return grades(corpus, entries, learned)


def repaired(raw: bytes) -> bytes:
    """The message with addresses where a collector put one and the same placeholder, which is malformed, for each."""
    raw = _COPY.sub(rb"\1copy@hotmail.com", raw)
    return _PLACEHOLDER.sub(b"reader@hotmail.com", raw).replace(b"phishing@pot", b"reader")


def manifest(corpus: Path) -> list[dict[str, Any]]:
    """The rows of the corpus's own list."""
    lines = (corpus / "MANIFEST.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _is_mail(entry: Mapping[str, Any]) -> bool:
    if entry["set"] not in SETS or entry["label"] not in (*LEGITIMATE, "spam", "gmail-spam"):
        return False
    return entry["set"] != "templates" or str(entry["path"]).endswith(DRAFT_TYPES)


def _groups(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """A name for each entry, the same for those that share a near-duplicate group, a sender or a small source."""
    sources = Counter(entry["source"] for entry in entries)
    leader: dict[str, str] = {}

    def lead(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    for entry in entries:
        keys = [f"{key}:{entry[key]}" for key in ("near_dup_group", "from_domain") if entry.get(key)]
        if sources[entry["source"]] < 120:
            keys.append(f"source:{entry['source']}")
        for key in keys:
            leader[lead(key)] = lead(entry["path"])
    return [lead(entry["path"]) for entry in entries]


def _has_grades(rule: Rule) -> bool:
    return bool(rule.grades) and "messages" not in rule.needs


def _by_grade(rule: Rule) -> Rule:
    """The rule with the number of the grade as its score."""
    return replace(
        rule, score=0, grades=tuple(grade._replace(score=number) for number, grade in enumerate(rule.grades, 1))
    )


def _grade(rule: Rule, score: int) -> int:
    return max((number for number, grade in enumerate(rule.grades, 1) if grade.score == score), default=0)


def _language(message: Message) -> str:
    """The language of what a reader sees, roughly: by script, else by the commonest words."""
    text = " ".join(text.value[:5000] for text in message.body)[:10000].lower()
    letters = sum(character.isalpha() for character in text)
    for language, first, last in _SCRIPTS:
        if sum(first <= character <= last for character in text) > letters * 0.3:
            return language
    words = Counter(re.findall(r"[^\W\d_]+", text))
    found = {language: sum(words[word] for word in common.split()) for language, common in _COMMON_WORDS.items()}
    best = max(found, key=lambda language: found[language])
    return best if found[best] >= 3 else "unknown"


def _stamp() -> str:
    """A digest of all that decides the table: the code and the rules, but for the points in them."""
    digest = hashlib.sha256()
    package, rules = Path(ruleset.__file__).parent, ruleset.built_in_folder()
    for path in _sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    for path in _sorted(rules.glob("*/*.toml")):
        digest.update(_SCORE.sub("", path.read_text("utf-8")).encode())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def _sorted(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if path.is_file())
