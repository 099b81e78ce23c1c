"""The JSON form of a decision, and the schemas that describe it: those of docs/json.md, and what is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from spamlint import __version__
from spamlint.guard.answer import Failure
from spamlint.guard.decision import Action, Decision
from spamlint.report.json import SCHEMA, encoded, file_object
from spamlint.verdict import PROFILES, Profile

PROFILE_NAMES: tuple[str, ...] = PROFILES
ACTIONS: tuple[Action, ...] = ("accept", "reject", "tempfail", "quarantine")
FAILURES: tuple[Failure, ...] = ("timeout", "crash", "over-limit", "busy")


def decision_json(decision: Decision) -> str:
    """The decision and its verdict as one line of JSON, in ASCII."""
    return as_json(decision_object(decision))


def as_json(value: object) -> str:
    """Any value as one line of JSON, in ASCII."""
    return encoded(value) + "\n"


def decision_object(decision: Decision) -> dict[str, Any]:
    """The decision and its verdict, as the schema `checked` has them."""
    reply = decision.reply
    return {
        "version": __version__,
        "ruleset": decision.ruleset,
        "id": decision.report_id,
        "decision": {
            "action": decision.action,
            "wanted": decision.wanted,
            "route": decision.route,
            "spared": decision.spared,
            "unjudged": decision.unjudged,
            "override": decision.override,
            "override_refused": decision.override_refused,
            "reply": None if reply is None else {"code": reply.code, "status": reply.status, "lines": [*reply.lines]},
            "remove": [{"name": name, "number": number} for name, number in decision.remove],
            "add": [{"name": name, "value": value} for name, value in decision.add],
        },
        "verdict": None if decision.report is None else file_object(decision.report),
    }


def profile(text: str) -> Profile | None:
    """The profile of that name; None where there is none."""
    return next((one for one in PROFILES if one == text), None)


def schemas(where: str) -> dict[str, Any]:
    """Schemas by name: `checked` is what `decision_object` gives. References between them start with `where`."""
    known = json.loads((files("spamlint.report") / SCHEMA).read_text("utf-8"))["$defs"]
    found = {name: known[name] for name in _reached("file", known)}
    text = json.dumps(found | _own())
    moved: dict[str, Any] = json.loads(text.replace('"#/$defs/', f'"{where}'))
    return moved


def _reached(name: str, known: Mapping[str, Any]) -> list[str]:
    """The definition of that name and all that it refers to."""
    found, waiting = [name], [name]
    while waiting:
        text = json.dumps(known[waiting.pop()])
        for piece in text.split('"#/$defs/')[1:]:
            other = piece[: piece.index('"')]
            if other not in found:
                found.append(other)
                waiting.append(other)
    return found


def _own() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "checked": _object(
            "What is said of one message.",
            version=text | {"description": "The version of spamlint."},
            ruleset=text | {"description": "The same ruleset gives the same verdicts; empty where there is none."},
            id=text | {"description": "Stands in the log and in the reply, so that a person can ask for the reasons."},
            decision={"$ref": "#/$defs/decision"},
            verdict={
                "oneOf": [{"type": "null"}, {"$ref": "#/$defs/file"}],
                "description": "As in a report of spamlint check; null where the message was not judged.",
            },
        ),
        "decision": _object(
            "What the policy does with the message.",
            action={"enum": [*ACTIONS], "description": "What to do."},
            wanted={"enum": [*ACTIONS], "description": "What the verdict alone asks for."},
            route=text | {"description": "The route whose policy it is."},
            spared=text | {"description": "Why it is accepted though it was to be refused."},
            unjudged={"enum": ["", *FAILURES], "description": "Why there is no verdict."},
            override=text | {"description": "The reason of an override that counts."},
            override_refused=text | {"description": "Why an override does not count."},
            reply={"oneOf": [{"type": "null"}, {"$ref": "#/$defs/reply"}], "description": "What to tell the sender."},
            remove={"type": "array", "items": {"$ref": "#/$defs/removal"}, "description": "Header fields to take out."},
            add={"type": "array", "items": {"$ref": "#/$defs/field"}, "description": "Header fields to put in front."},
        ),
        "reply": _object(
            "An SMTP reply.",
            code={"type": "integer"},
            status=text,
            lines={"type": "array", "items": text, "description": "ASCII without line ends."},
        ),
        "removal": _object(
            "A header field.",
            name=text,
            number={"type": "integer", "minimum": 1, "description": "Which one of that name."},
        ),
        "field": _object("A header field.", name=text, value=text),
    }


def _object(description: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }
