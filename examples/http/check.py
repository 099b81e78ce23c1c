"""check.py URL MESSAGE: asks `spamlint serve` about a message, with no more than Python has, and says what to do.

Behind TLS and a token, put the token into SPAMLINT_TOKEN.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path


def main() -> int:
    """0: send it; 77: it is refused; 75: try again later."""
    url, file = sys.argv[1:]
    message = Path(file).read_bytes()
    request = urllib.request.Request(f"{url}/v1/check", message, {"Content-Type": "message/rfc822"})  # noqa: S310
    if token := os.environ.get("SPAMLINT_TOKEN"):
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        said = json.load(answer)
    verdict = said["verdict"]
    if verdict:
        print(f"{verdict['outcome']}, {verdict['score']} of {verdict['block_at']} points")
        for finding in verdict["findings"]:
            print(f"- {finding['title']}")
    for line in (said["decision"]["reply"] or {"lines": []})["lines"]:
        print(line)
    return {"accept": 0, "tempfail": 75}.get(said["decision"]["action"], 77)


if __name__ == "__main__":
    raise SystemExit(main())
