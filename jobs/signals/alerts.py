"""Send what people are to hear of: all that waits for an owner in one message, to each of the owner's channels.

Apprise speaks DingTalk, WeCom, Feishu and mail. A message that cannot be sent waits for the next time. One may come
twice, where a process dies between sending and writing that down; none is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

from compliance.cli.language import Message
from jobs.clockwork.alerting import Alert, mark_sent, unsent
from jobs.clockwork.database import Database
from jobs.clockwork.timing import Timing
from jobs.signals.bounded import in_time

Send = Callable[[Sequence[str], str, str], bool]
"""Sends a title and a text to channels; whether all of them took it."""

PATIENCE_S = 60.0
"""So long all channels of an owner may take together: a run ends when it has told, and must end."""
MOST_LINES = 50
TITLE = Message("微短剧合规闸门：{count} 条告警", "compliance gate: {count} alert(s)")
MORE = Message("……另有 {count:,} 条，见 gate runs", "... and {count:,} more: see `gate runs`")


def deliver(database: Database, channels: Callable[[str], Sequence[str]], timing: Timing, send: Send) -> list[str]:
    """Send what waits. Returns the owners whose channels did not take it; those without channels are left waiting."""
    failed = []
    with database.telling() as mine:
        waiting = sorted(unsent(database) if mine else [], key=lambda alert: (alert.owner, alert.number))
        for owner, group in groupby(waiting, key=lambda alert: alert.owner):
            alerts, places = list(group), channels(owner)
            if not places:
                continue
            if send(places, TITLE(count=len(alerts)), text_of(alerts)):
                mark_sent(database, [alert.number for alert in alerts], timing.now())
            else:
                failed.append(owner)
    return failed


def text_of(alerts: Sequence[Alert]) -> str:
    """One line each, by job and platform; alike ones once."""
    told = dict.fromkeys(
        f"[{alert.job}{' ' + alert.platform if alert.platform else ''}] {alert.says}"
        for alert in sorted(alerts, key=lambda alert: (alert.job, alert.platform or "", alert.number))
    )
    lines = list(told)
    rest = len(lines) - MOST_LINES
    return "\n".join(lines if rest <= 0 else [*lines[:MOST_LINES], MORE(count=rest)])


def by_apprise(channels: Sequence[str], title: str, text: str) -> bool:
    """Send through Apprise; False where a channel is not understood, or did not take it in time."""
    import logging

    import apprise

    # Apprise logs the URLs of channels, which hold their tokens.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    sender = apprise.Apprise()
    understood = [sender.add(channel) for channel in channels]
    notify = partial(sender.notify, body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
    return all(understood) and in_time(PATIENCE_S, lambda: bool(notify()))
