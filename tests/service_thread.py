"""A service on a port of the loopback interface, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager

TIMEOUT = 60.0


@contextmanager
def served(
    serve: Callable[[socket.socket, asyncio.Event], Coroutine[None, None, None]],
    release: threading.Event,
    port: int = 0,
) -> Iterator[tuple[int, Callable[[], None]]]:
    """Its port, and what asks it to stop and returns when it has. `release` is set before it has to stop."""
    listener = socket.create_server(("127.0.0.1", port))
    listener.setblocking(False)
    port = listener.getsockname()[1]
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(listener, stopping),), daemon=True)
    thread.start()

    def stop() -> None:
        if thread.is_alive():
            loop.call_soon_threadsafe(stopping.set)
            thread.join(TIMEOUT)
        assert not thread.is_alive()

    try:
        yield port, stop
    finally:
        release.set()
        stop()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        listener.close()
