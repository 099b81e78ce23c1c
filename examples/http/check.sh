#!/bin/sh
# check.sh MESSAGE: asks `spamlint serve --listen unix:...` about a message and prints the answer.
# 0: asked and answered; 2: could not ask.
socket=${SPAMLINT_SOCKET:-/run/spamlint/http.sock}
test -r "$1" || { echo "usage: check.sh MESSAGE" >&2; exit 2; }
curl --silent --show-error --fail --max-time 60 --unix-socket "$socket" \
    --header "Content-Type: message/rfc822" --data-binary "@$1" http://localhost/v1/check || exit 2
