"""The service as an ASGI application: what each address answers."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.form import as_json, decision_json
from spamlint.guard.guard import Guard
from spamlint.guard.metrics import CONTENT_TYPE
from spamlint.hooks.http import requests, rspamd
from spamlint.hooks.http.openapi import description
from spamlint.hooks.http.options import Options
from spamlint.hooks.http.requests import MESSAGE_TYPES, Load, Refused

PROBE_SECONDS = 10.0
"""In which a worker has to answer for the service to be well."""
PROBE_KEPT = 1.0
"""Seconds for which the answer holds, so that asking costs little."""

_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}
"""Of refusals."""
_Endpoint: TypeAlias = Callable[["_Service", Request], Awaitable[Response]]


@dataclass(slots=True)
class _Service:
    """What the requests share."""

    guard: Guard
    options: Options
    description: str
    load: Load = field(default_factory=Load)
    probe: asyncio.Task[bool] | None = None
    probed: float = 0.0


def application(guard: Guard, options: Options | None = None) -> Starlette:
    """The application that asks `guard`, which must have been started when a message comes."""
    service = _Service(guard, options or Options(), json.dumps(description()))
    return Starlette(
        routes=[
            Route("/v1/check", partial(_authorised, _check, service), methods=["POST"]),
            Route("/v1/openapi.json", partial(_authorised, _openapi, service), methods=["GET"]),
            Route("/checkv2", partial(_authorised, _checkv2, service), methods=["POST"]),
            Route("/metrics", partial(_authorised, _metrics, service), methods=["GET"]),
            Route("/ping", partial(_authorised, _ping, service), methods=["GET"]),
            Route("/healthz", partial(_healthz, service), methods=["GET"]),
        ]
    )


async def _authorised(endpoint: _Endpoint, service: _Service, request: Request) -> Response:
    """The answer of an endpoint to a caller who shows the token, where there is one."""
    token = service.options.token
    if token and not _shows(request, token):
        await requests.drained(request)
        return _refused(Refused(401, "the token is missing or wrong"))
    return await endpoint(service, request)


def _shows(request: Request, token: bytes) -> bool:
    """Whether the request carries the token, as bearer tokens go or, for clients of rspamd, as their password."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        shown = request.headers.get("password", "")
    return hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token)


async def _check(service: _Service, request: Request) -> Response:
    kind = requests.media_type(request)
    envelope = requests.envelope(request)
    if kind and kind not in MESSAGE_TYPES:
        envelope = Refused(415, f"post the message itself, as {MESSAGE_TYPES[0]}")
    if isinstance(envelope, Refused):
        await requests.drained(request)
        return _refused(envelope)
    decision = await _decision(service, request, envelope)
    if isinstance(decision, Response):
        return decision
    return Response(decision_json(decision), media_type="application/json")


async def _checkv2(service: _Service, request: Request) -> Response:
    begun = time.perf_counter()
    decision = await _decision(service, request, requests.rspamd_envelope(request))
    if isinstance(decision, Response):
        return decision
    said = rspamd.reply(decision, time.perf_counter() - begun)
    return Response(as_json(said), media_type="application/json")


async def _decision(service: _Service, request: Request, envelope: Envelope) -> Decision | Response:
    """The decision on the message in the body, or why there is none."""
    options, load = service.options, service.load
    if load.requests >= options.requests:
        await requests.drained(request)
        return _refused(Refused(503, "too many messages are on their way"))
    with load.one_more():
        try:
            data = await requests.message(request, load, options, service.guard.settings.budget.message)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it any more
        if isinstance(data, Refused):
            return _refused(data)
        with load.weighed(len(data)):
            return await service.guard.decide(envelope, data)


def _refused(why: Refused) -> Response:
    headers = {"Connection": "close"} | _HEADERS.get(why.status, {})
    return JSONResponse({"error": why.reason}, why.status, headers)


async def _openapi(service: _Service, _: Request) -> Response:
    return Response(service.description, media_type="application/json")


async def _metrics(service: _Service, _: Request) -> Response:
    return Response(service.guard.metrics.page(), headers={"Content-Type": CONTENT_TYPE})


async def _ping(_: _Service, __: Request) -> Response:
    return Response("pong\r\n", media_type="text/plain")


async def _healthz(service: _Service, _: Request) -> Response:
    """200 where a worker has judged a small message of late."""
    now = asyncio.get_running_loop().time()
    probe = service.probe
    if probe is None or (probe.done() and now - service.probed > PROBE_KEPT):
        probe = service.probe = asyncio.create_task(_probed(service))
    if await asyncio.shield(probe):
        return JSONResponse({"status": "ok"})
    return JSONResponse({"error": "the workers do not answer"}, 503)


async def _probed(service: _Service) -> bool:
    works = False
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            works = await service.guard.works()
    except TimeoutError:
        works = False
    service.probed = asyncio.get_running_loop().time()
    return works
