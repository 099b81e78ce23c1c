"""What systemd is told of a service (sd_notify(3)); elsewhere nothing is."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

_MICROSECONDS = 1_000_000
_PATIENCE = 1.0
"""Seconds to wait for room where the manager is slow to read. Signs of life are not waited for: another one follows."""


@dataclass(frozen=True, slots=True)
class Systemd:
    """The service manager, where there is one. What it cannot be told is not told: the service goes on."""

    path: str = ""
    watchdog: float = 0.0
    """Seconds between two signs of life that it expects; 0 where it expects none."""

    def ready(self) -> None:
        """The service works, for the first time or again after a reload."""
        self._tell("READY=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._tell(f"STATUS={' '.join(text.split())}")

    def reloading(self) -> None:
        """A reload begins; `ready` ends it."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """The service has begun to end."""
        self._tell("STOPPING=1")

    async def keep_alive(self) -> None:
        """Shows that the event loop turns, twice as often as is expected, until it is cancelled."""
        while self.watchdog:
            self._tell("WATCHDOG=1", patience=0)
            await asyncio.sleep(self.watchdog / 2)

    def _tell(self, text: str, patience: float = _PATIENCE) -> None:
        if not self.path:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(patience)
            channel.sendto(text.encode(), "\0" + self.path[1:] if self.path.startswith("@") else self.path)


def systemd(environ: Mapping[str, str] | None = None) -> Systemd:
    """What the environment says of the service manager."""
    given = os.environ if environ is None else environ
    microseconds = given.get("WATCHDOG_USEC", "")
    is_ours = given.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    seconds = int(microseconds) / _MICROSECONDS if microseconds.isdecimal() and is_ours else 0.0
    return Systemd(given.get("NOTIFY_SOCKET", ""), seconds)
