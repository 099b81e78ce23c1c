"""What looking into the attachments of one message may cost."""

from __future__ import annotations

from spamlint.limits import Limits


class Budget:
    """Counts work, in units and not in seconds, and members, down from the limits; remembers each limit reached."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._work = limits.archive_work
        self._members = limits.archive_members
        self._reached: dict[str, None] = {}

    def spend(self, units: int) -> bool:
        """Whether that much work may still be done; it then counts as done."""
        if units > self._work:
            self._work = 0
            self.reach("archive-work")
            return False
        self._work -= units
        return True

    def member(self) -> bool:
        """Whether one more file may be looked at."""
        if not self._members:
            self.reach("archive-members")
            return False
        self._members -= 1
        return True

    def reach(self, limit: str) -> None:
        """Remembers that this limit was reached."""
        self._reached[f"limit-{limit}"] = None

    def take_reached(self) -> tuple[str, ...]:
        """The codes of the limits reached since the last call."""
        reached = tuple(self._reached)
        self._reached.clear()
        return reached
