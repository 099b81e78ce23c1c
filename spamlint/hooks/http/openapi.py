"""The description of the service for programs (OpenAPI 3.1). Verdicts have the schemas of `spamlint check`."""

from __future__ import annotations

from typing import Any

from spamlint import __version__
from spamlint.guard.form import PROFILE_NAMES, schemas
from spamlint.hooks.http.requests import MESSAGE_TYPES, NAMES
from spamlint.hooks.http.rspamd import ACTIONS

_SCHEMAS = "#/components/schemas/"
_ABOUT = {
    "profile": "Judge as this kind of mail, in place of what the settings say.",
    "sender": "Address of MAIL FROM; empty, with recipients, it is a bounce.",
    "recipient": "Address of RCPT TO; may be repeated.",
    "client": "IP address that the message comes from.",
    "helo": "What the client calls itself.",
    "user": "Name that the client has authenticated as.",
    "queue-id": "What the mail server calls the message; for the log.",
}
_REFUSALS = {
    "400": "A parameter is wrong.",
    "401": "The token is missing or wrong.",
    "408": "The message did not come in time.",
    "413": "The message is too long.",
    "415": "The body is no message.",
    "503": "Too many messages are on their way: try again.",
}


def description() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "spamlint",
            "version": __version__,
            "summary": "Finds what makes a message look like spam before it is sent.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {}],
        "paths": {
            "/v1/check": {"post": _check()},
            "/checkv2": {"post": _checkv2()},
            "/v1/openapi.json": {"get": _get("describe", "This description.", "application/json")},
            "/healthz": {"get": _get("health", "Whether the workers answer.", "application/json") | {"security": [{}]}},
            "/metrics": {"get": _get("metrics", "Figures for Prometheus.", "text/plain")},
            "/ping": {"get": _get("ping", "Whether the service is there, as rspamd says it.", "text/plain")},
        },
        "components": {
            "schemas": schemas(_SCHEMAS) | _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _check() -> dict[str, Any]:
    return {
        "operationId": "check",
        "summary": "Judges one message.",
        "parameters": [
            {"name": name, "in": "query", "required": False, "description": _ABOUT[name], "schema": _schema(name)}
            for name in NAMES
        ],
        "requestBody": _message(),
        "responses": {"200": _json("What is said of it, and what to do.", "checked")} | _refusals(),
    }


def _checkv2() -> dict[str, Any]:
    fields = ("From", "Rcpt", "Ip", "Helo", "User", "Queue-Id")
    return {
        "operationId": "checkv2",
        "summary": "Judges one message, and answers as rspamd does.",
        "parameters": [
            {"name": name, "in": "header", "required": False, "schema": {"type": "string"}} for name in fields
        ],
        "requestBody": _message("*/*"),
        "responses": {"200": _json("The verdict and the action.", "rspamd")} | _refusals(),
    }


def _get(name: str, summary: str, media: str) -> dict[str, Any]:
    schema = {"type": "object"} if media == "application/json" else {"type": "string"}
    responses = {"200": {"description": summary, "content": {media: {"schema": schema}}}}
    if name == "health":
        responses["503"] = _json("They do not.", "error")
    else:
        responses["401"] = _json(_REFUSALS["401"], "error")
    return {"operationId": name, "summary": summary, "responses": responses}


def _schema(name: str) -> dict[str, Any]:
    if name == "recipient":
        return {"type": "array", "items": {"type": "string"}}
    return {"type": "string", "enum": [*PROFILE_NAMES]} if name == "profile" else {"type": "string"}


def _message(*types: str) -> dict[str, Any]:
    return {
        "description": "The message as it will be sent.",
        "required": True,
        "content": {media: {} for media in types or MESSAGE_TYPES},
    }


def _json(about: str, schema: str) -> dict[str, Any]:
    return {"description": about, "content": {"application/json": {"schema": {"$ref": _SCHEMAS + schema}}}}


def _refusals() -> dict[str, Any]:
    return {status: _json(about, "error") for status, about in _REFUSALS.items()}


def _schemas() -> dict[str, Any]:
    number, text, names = {"type": "number"}, {"type": "string"}, {"type": "object"}
    symbol = {"name": text, "score": number, "metric_score": number, "description": text, "options": {"type": "array"}}
    properties = {
        "is_skipped": {"type": "boolean"},
        "score": number,
        "required_score": number,
        "action": {"enum": ["no action", "add header", *ACTIONS.values()]},
        "thresholds": {"type": "object", "additionalProperties": number},
        "symbols": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": symbol, "required": [*symbol]},
        },
        "messages": {"type": "object", "additionalProperties": text},
        "urls": {"type": "array"},
        "emails": {"type": "array"},
        "message-id": text,
        "time_real": number,
        "milter": {"type": "object", "properties": {"remove_headers": names, "add_headers": names}},
        "report_id": text,
    }
    return {
        "rspamd": {"type": "object", "properties": properties, "required": [*properties]},
        "error": {"type": "object", "properties": {"error": text}, "required": ["error"]},
    }
