"""A load of HTTP requests that costs the machine little: one thread, sockets kept open, one request at a time on each.

The client shares the machine with the service that it measures, so it must not be what is measured.
"""

from __future__ import annotations

import heapq
import os
import random
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.measuring import FailedWork

_BLOCK = 1 << 20
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class _Client:
    """A connection, its own requests, and what has come of the answer that it waits for."""

    connection: socket.socket
    requests: Sequence[bytes]
    asked: int = 0
    asked_at: float = 0.0
    come: bytes = b""
    wanted: int | None = None
    times: list[float] = field(default_factory=list)

    def ask(self, at: float) -> None:
        """Send the next request, whose time counts from `at`."""
        self.asked_at = at
        self.connection.sendall(self.requests[self.asked % len(self.requests)])
        self.asked += 1

    def take(self) -> bool:
        """Take what has come; True where the answer is whole. Raises FailedWork where it is not 200."""
        self.come += self.connection.recv(_BLOCK)
        if self.wanted is None:
            head, ended, _ = self.come.partition(b"\r\n\r\n")
            if not ended:
                return False
            if not head.startswith(b"HTTP/1.1 200"):
                raise FailedWork(f"the service answered {self.come[:200]!r}")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self.wanted = len(head) + len(ended) + int(length)
        if len(self.come) < self.wanted:
            return False
        self.times.append(time.perf_counter() - self.asked_at)
        self.come, self.wanted = b"", None
        return True


def load(
    port: int,
    requests: Sequence[bytes],
    seconds: float,
    clients: int,
    every: float | None = None,
    *,
    once: bool = False,
) -> list[float]:
    """Seconds that each answer took: clients that ask as soon as they are answered, or each once `every` seconds.

    Where a client is not answered before its next request is due, that one's time counts from when it was due.
    `once`: no request is sent a second time, and it ends when all are answered if that is earlier.
    """
    begun = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        waiting: list[tuple[float, int]] = []
        made = [_Client(socket.create_connection(("127.0.0.1", port)), requests[n::clients]) for n in range(clients)]
        for number, client in enumerate(made):
            client.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(client.connection, selectors.EVENT_READ, number)
            heapq.heappush(waiting, (begun + random.random() * (every or 0.0), number))
        asking = clients
        while asking and (now := time.perf_counter()) < begun + seconds:
            while waiting and waiting[0][0] <= now:
                due, number = heapq.heappop(waiting)
                made[number].ask(due if every else now)
            for key, _ in selector.select(max(0.0, waiting[0][0] - now) if waiting else 1.0):
                client = made[key.data]
                if not client.take():
                    continue
                if once and client.asked == len(client.requests):
                    asking -= 1
                else:
                    heapq.heappush(waiting, (client.asked_at + every if every else 0.0, key.data))
    for client in made:
        client.connection.close()
    return [one for client in made for one in client.times]


def cpu_seconds(session: int) -> float:
    """User and system time of all processes of a session so far; 0 where the system has no /proc."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS
