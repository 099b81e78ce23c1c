"""`spamlint serve`: answers programs over HTTP."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from spamlint.cli import hooks
from spamlint.cli.parser import Parser
from spamlint.errors import ConfigError

if TYPE_CHECKING:
    from spamlint.hooks.http.options import Options

_EXAMPLES = """POST a message to /v1/check, and the verdict comes back as JSON; /checkv2 answers as rspamd does. There
are /v1/openapi.json, /healthz and /metrics too. docs/http.md says more.

examples:
  spamlint serve --listen 127.0.0.1:8080
  curl --data-binary @message.eml -H "Content-Type: message/rfc822" http://127.0.0.1:8080/v1/check
  spamlint serve --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem --token-file token

signals: SIGHUP reads settings and rules again; SIGTERM stops when the requests that have begun are answered.
exit code: 0 when it has stopped, 2 where it cannot start.
"""


def run(arguments: Sequence[str]) -> int:
    """Answers until it is told to stop."""
    args = _parser().parse_args(arguments)
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise ConfigError("HTTP needs Starlette and uvicorn: python3 -m pip install 'spamlint[server]'")
    from spamlint.hooks.http.options import unguarded
    from spamlint.hooks.http.server import serve
    from spamlint.hooks.reach import asked_beyond

    options = _options(args)
    host = asked_beyond(args.listen)
    if host and (missing := unguarded(host, options)):
        raise ConfigError(missing)
    return hooks.run(partial(serve, options=options), args)


def _options(args: argparse.Namespace) -> Options:
    from spamlint.hooks.http.options import Options, read_token, tls_context

    if (args.tls_cert is None) != (args.tls_key is None):
        raise ConfigError("--tls-cert and --tls-key belong together")
    token = read_token(args.token_file) if args.token_file is not None else b""
    tls = tls_context(args.tls_cert, args.tls_key) if args.tls_cert is not None else None
    return Options(token, tls)


def _parser() -> Parser:
    parser = Parser(prog="spamlint serve", description="Judges messages for programs over HTTP.", epilog=_EXAMPLES)
    hooks.add_options(parser, listen="127.0.0.1:8080")
    secured = parser.add_argument_group("to listen beyond this machine")
    secured.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate with its chain, PEM")
    secured.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM without a password")
    secured.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help='what callers have to show as "Authorization: Bearer ..."; nobody else may be able to read the file',
    )
    return parser
