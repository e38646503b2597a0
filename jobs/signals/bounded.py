"""Ask something of the world outside, and walk away when it takes too long."""

from __future__ import annotations

import threading
from collections.abc import Callable


def in_time(seconds: float, ask: Callable[[], bool]) -> bool:
    """Whether it was done in time. What takes longer is left to itself, and ends with the process at the latest.

    The timeout of a request bounds each step of it, not the whole: only somebody else can walk away in time.
    """
    answers: list[bool] = []

    def asking() -> None:
        try:
            answers.append(ask())
        except Exception:  # noqa: BLE001 - whatever it was: it was not done
            answers.append(False)

    thread = threading.Thread(target=asking, name="asking outside", daemon=True)
    thread.start()
    thread.join(seconds)
    return answers == [True]
