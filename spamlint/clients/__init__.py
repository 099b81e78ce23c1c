"""Which mail program supports what of HTML and CSS, by the tests of caniemail.com.

Its modules are imported one by one where they are needed: most mail needs none of them.
"""

from __future__ import annotations

from collections.abc import Sequence


def means(clients: Sequence[str], family: str) -> bool:
    """Whether the chosen clients are of that family, too; where nobody has chosen, all are meant."""
    return not clients or any(client.partition(".")[0] == family for client in clients)
