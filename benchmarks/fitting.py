"""Fits the points of rules to a table of what they find: few, never negative, and held near what was set by hand.

A rule has a parameter for its own score and one for what each grade adds, so that grades only rise. The score of a
message is the sum over topics, each cut off at the cap. A parameter with few hits, and those on spam, keeps what the
file says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from corpus import Row
from figures import Share
from numpy.typing import NDArray
from scipy.optimize import minimize

from spamlint.rule import Rule
from spamlint.verdict import Policy

Floats = NDArray[np.float64]
Scores: TypeAlias = dict[str, list[int]]
"""Rule id -> its score and those of its grades, in tenths."""

SCALES = tuple(scale / 100 for scale in range(100, 45, -5))
ORDINARY = ("sa/ham", "ham_modern/ham")
MAY_BLOCK = {"sa/ham": 0.005, "ham_modern/ham": 0.005, "sa/hard_ham": 0.02, "templates/legit-template": 0.0}
"""The share of legitimate mail that may be blocked by points that were fitted without it."""
MAY_WARN = 0.05
"""The share of ordinary legitimate mail, of both periods together, that points may warn of."""
FEWEST_HITS = 8
"""Groups of alike messages that have to hold a hit, for a parameter to be fitted."""
MOST = {"note": 1.5, "warning": 3.0, "error": 4.0}
"""Points that a rule of a severity gets at most by fitting."""
MOST_UNSEEN = {"note": 1.0, "warning": 2.5, "error": 4.0}
"""Points that a rule keeps at most where the corpus says little of it."""
MIDDLE = 2.2
"""The score at which a message is as likely spam as not: a little above the warning."""
WIDTH = 1.0
"""Points over which that likelihood changes."""
NEWSLETTER = 2.0
"""What one of the few newsletters of 2002 weighs beside an ordinary message."""
TEMPLATES = 0.3
"""What all templates weigh as legitimate mail, beside a period of mail as 1."""
NO_BLOCK = 4.6
"""Where a legitimate message begins to cost extra."""
CAUTION = 2.0
"""How dear a block of legitimate mail is."""
SHRINKING = 0.002
"""How strongly points are held near zero: a rule earns them by what it separates."""


@dataclass(frozen=True)
class Table:
    """Rows and parameters as numbers."""

    parameters: tuple[tuple[str, int], ...]
    """Rule id and the number of the grade, 0 for the rule's own score."""
    topics: Sequence[NDArray[np.intp]]
    """For each topic, the columns of its parameters."""
    reached: Floats
    """Row by parameter: 1 where the grade was reached."""
    spam_weight: Floats
    """What each row weighs as spam: each period of mail counts the same."""
    ham_weight: Floats
    block_weight: Floats
    """What a block of the row costs: all legitimate mail and templates."""
    lower: Floats
    upper: Floats
    """Both are the same where a parameter is not fitted."""


def table(rows: Sequence[Row], rules: Sequence[Rule]) -> Table:
    """The numbers of `rows`, on which points are to be fitted."""
    parameters = tuple((rule.id, grade) for rule in rules for grade in range(len(rule.grades) + 1))
    reached = matrix(rows, parameters)
    names = [rule_id.partition("/")[0] for rule_id, _ in parameters]
    spam, ham, block = _weights(rows)
    lower, upper = _bounds(rows, rules, reached, (spam, ham))
    topics = [np.flatnonzero([name == topic for name in names]) for topic in sorted(set(names))]
    return Table(parameters, topics, reached, spam, ham, block, lower, upper)


def matrix(rows: Sequence[Row], parameters: Sequence[tuple[str, int]]) -> Floats:
    """Row by parameter: 1 where the rule reached the grade. A draft of a template is full of placeholders by nature."""
    place = {parameter: column for column, parameter in enumerate(parameters)}
    reached = np.zeros((len(rows), len(parameters)))
    for number, row in enumerate(rows):
        for rule_id, grade in row.hits.items():
            if row.set == "templates" and rule_id.startswith("leftovers/"):
                continue
            for step in range(grade + 1):
                if (rule_id, step) in place:
                    reached[number, place[rule_id, step]] = 1
    return reached


def period(row: Row) -> str:
    """Which mail it is compared with: that of 2002, or that of today."""
    return "2002" if row.set == "sa" else "today"


def _weights(rows: Sequence[Row]) -> tuple[Floats, Floats, Floats]:
    spam, ham, block = (np.zeros(len(rows)) for _ in range(3))
    for name in ("2002", "today"):
        mail = np.array([period(row) == name and row.set != "templates" for row in rows])
        for weight, wanted in ((spam, True), (ham, False)):
            chosen = mail & np.array([row.is_spam if wanted else row.is_legitimate for row in rows])
            weight[chosen] = [
                NEWSLETTER if row.label == "hard_ham" else 1 for row, is_in in zip(rows, chosen, strict=True) if is_in
            ]
            weight[chosen] /= max(1, weight[chosen].sum())
    drafts = np.array([row.set == "templates" for row in rows])
    ham[drafts] = TEMPLATES / max(1, drafts.sum())
    for label in ("sa/ham", "sa/hard_ham", "ham_modern/ham", "templates/legit-template"):
        chosen = np.array([row.kind == label for row in rows])
        block[chosen] = (0.25 if label == "sa/hard_ham" else 1) / max(1, chosen.sum())
    return spam, ham, block


def _bounds(
    rows: Sequence[Row], rules: Sequence[Rule], reached: Floats, weights: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    groups = np.unique([row.group for row in rows], return_inverse=True)[1]
    counted = (weights[0] + weights[1]) > 0
    messages = np.array([row.set != "templates" for row in rows])
    lower, upper = [], []
    column = 0
    for rule in rules:
        before = 0
        for score, severity in ((rule.score, rule.severity), *((grade.score, grade.severity) for grade in rule.grades)):
            hits = reached[:, column] * counted
            by_hand = max(0, score - before) / 10
            before = max(before, score)
            alarms = (hits * weights[1] * messages).any()
            measured = alarms or len(np.unique(groups[hits > 0])) >= FEWEST_HITS
            legitimate = hits @ weights[1] >= hits @ weights[0] and hits.any()
            if not rule.calibrated or rule.blocks:
                bounds = (by_hand, by_hand)
            elif legitimate:
                bounds = (0.0, 0.0)
            elif measured:
                bounds = (0.0, MOST[severity])
            else:
                bounds = (min(by_hand, MOST_UNSEEN[severity]),) * 2
            lower.append(bounds[0])
            upper.append(bounds[1])
            column += 1
    return np.array(lower), np.array(upper)


def scores(reached: Floats, topics: Sequence[NDArray[np.intp]], points: Floats) -> Floats:
    """The score of each row: the sum over topics, each cut off at the cap."""
    cap = Policy().topic_cap / 10
    total = np.zeros(len(reached))
    for columns in topics:
        total += np.minimum(reached[:, columns] @ points[columns], cap)
    return total


def fit(table: Table) -> Floats:
    """The points of each parameter."""
    cap = Policy().topic_cap / 10

    def loss(points: Floats) -> tuple[float, Floats]:
        sums = [table.reached[:, columns] @ points[columns] for columns in table.topics]
        score = sum((np.minimum(one, cap) for one in sums), np.zeros(len(table.reached)))
        above = (score - MIDDLE) / WIDTH
        over = (score - NO_BLOCK) / 0.25
        value = table.spam_weight @ np.logaddexp(0, -above) + table.ham_weight @ np.logaddexp(0, above)
        value += CAUTION * 0.25 * (table.block_weight @ np.logaddexp(0, over))
        slope = (table.ham_weight * _sigmoid(above) - table.spam_weight * _sigmoid(-above)) / WIDTH
        slope += CAUTION * table.block_weight * _sigmoid(over)
        gradient = np.zeros(len(points))
        for columns, one in zip(table.topics, sums, strict=True):
            gradient[columns] = table.reached[:, columns].T @ (slope * (one < cap))
        return float(value + SHRINKING * (points @ points)), gradient + 2 * SHRINKING * points

    start = np.clip(np.full(len(table.parameters), 0.5), table.lower, table.upper)
    bounds = list(zip(table.lower, table.upper, strict=True))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000})
    return np.asarray(found.x, dtype=np.float64)


def _sigmoid(values: Floats) -> Floats:
    result: Floats = 1 / (1 + np.exp(-np.clip(values, -50, 50)))
    return result


def tenths(table: Table, points: Floats, rules: Sequence[Rule], scale: float = 1.0) -> Scores:
    """The scores, rounded as the files have them; what was fitted is multiplied by `scale`."""
    points = np.where(table.lower < table.upper, points * scale, points)
    place = {parameter: column for column, parameter in enumerate(table.parameters)}
    found: Scores = {}
    for rule in rules:
        steps = [points[place[rule.id, grade]] for grade in range(len(rule.grades) + 1)]
        most = 100 if not rule.calibrated or rule.blocks else Policy().topic_cap
        found[rule.id] = [min(most, int(value)) for value in np.rint(np.cumsum(steps) * 10)]
    return found


def folds(rows: Sequence[Row], number: int, turn: int = 0) -> NDArray[np.intp]:
    """The fold of each row: a group lies in one, each kind of mail is spread over all; another way each `turn`."""
    sizes: dict[str, int] = {}
    kinds: dict[str, str] = {}
    for row in rows:
        sizes[row.group] = sizes.get(row.group, 0) + 1
        kinds[row.group] = row.kind
    filled: dict[str, list[int]] = {}
    fold: dict[str, int] = {}
    order = sorted(sizes, key=lambda group: (-sizes[group], hash_of(f"{turn}{group}")))
    for group in order:
        counts = filled.setdefault(kinds[group], [0] * number)
        fold[group] = counts.index(min(counts))
        counts[fold[group]] += sizes[group]
    return np.array([fold[row.group] for row in rows], dtype=np.intp)


def hash_of(name: str) -> str:
    """A fixed, arbitrary order of names."""
    import hashlib

    return hashlib.sha256(name.encode()).hexdigest()


@dataclass(frozen=True)
class HeldOut:
    """Points that were fitted on all folds but one, for each fold."""

    fold: NDArray[np.intp]
    """Of each row."""
    fits: Sequence[tuple[Table, Floats]]

    def scores(self, rows: Sequence[Row], rules: Sequence[Rule], scale: float) -> Floats:
        """The score of each row by the points that were fitted without its fold."""
        result = np.zeros(len(rows))
        for one, (numbers, points) in enumerate(self.fits):
            inside = [row for row, of in zip(rows, self.fold, strict=True) if of == one]
            result[self.fold == one] = score_rows(inside, rules, tenths(numbers, points, rules, scale))
        return result


def held_out(rows: Sequence[Row], rules: Sequence[Rule], number: int = 8, turn: int = 0) -> HeldOut:
    """The fits of cross-validation."""
    fold = folds(rows, number, turn)
    fits = []
    for one in range(number):
        numbers = table([row for row, of in zip(rows, fold, strict=True) if of != one], rules)
        fits.append((numbers, fit(numbers)))
    return HeldOut(fold, fits)


def scaled(rows: Sequence[Row], rules: Sequence[Rule]) -> tuple[float, Floats]:
    """The largest of `SCALES` that keeps to `MAY_BLOCK` and `MAY_WARN` on mail that is held out, and its scores."""
    fits = held_out(rows, rules)
    for scale in SCALES:
        scores = fits.scores(rows, rules, scale)
        warned = above(rows, scores, ORDINARY, Policy().warn_at)
        if warned.count > MAY_WARN * warned.total:
            continue
        if all(share.count <= MAY_BLOCK[kind] * share.total for kind, share in blocked(rows, scores).items()):
            break
    return scale, scores


def blocked(rows: Sequence[Row], scores: Floats) -> dict[str, Share]:
    """Kind of legitimate mail -> how much of it the scores block."""
    return {kind: above(rows, scores, (kind,), Policy().block_at) for kind in MAY_BLOCK}


def above(rows: Sequence[Row], scores: Floats, kinds: Sequence[str], limit: int) -> Share:
    """How much mail of these kinds has at least `limit` tenths of a point."""
    chosen = [score for row, score in zip(rows, scores, strict=True) if row.kind in kinds]
    return Share(sum(round(score * 10) >= limit for score in chosen), len(chosen))


def score_rows(rows: Sequence[Row], rules: Sequence[Rule], fitted: Mapping[str, Sequence[int]]) -> Floats:
    """The score of each row in points, all hits counted, as the linter would add them up."""
    cap = Policy().topic_cap
    topics = {rule.id: rule.topic for rule in rules}
    result = []
    for row in rows:
        sums: dict[str, int] = {}
        for rule_id, grade in row.hits.items():
            sums[topics[rule_id]] = sums.get(topics[rule_id], 0) + fitted[rule_id][grade]
        result.append(sum(min(cap, value) for value in sums.values()) / 10)
    return np.array(result)


def current(rules: Sequence[Rule]) -> Scores:
    """The scores as the files have them now."""
    return {rule.id: [rule.score, *(grade.score for grade in rule.grades)] for rule in rules}
