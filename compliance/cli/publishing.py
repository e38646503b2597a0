"""Who publishes the block list for a command, and how what became of it is told."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compliance.cli.audit import NO_OUT, given
from compliance.cli.config import Config
from compliance.cli.console import say
from compliance.cli.language import Message
from compliance.cli.ledgers import ledger_for

if TYPE_CHECKING:
    from compliance.blocklist.publication import Publication, Publisher

FOLDER = "blocklist"

PUBLISHED = Message("拦截名单第 {version} 版已发布", "version {version} of the block list is in force")
HELD = Message(
    "拦截名单第 {version} 版未发布，等待批准；{in_force}\n{reasons}\n"
    "  → 核实后批准：gate blocklist approve {version} --by 姓名 --reason 理由",
    "version {version} of the block list is held; {in_force}\n{reasons}\n"
    "  → once it is found right: gate blocklist approve {version} --by NAME --reason WHY",
)
STAYS = Message("仍以第 {version} 版为准", "version {version} stays in force")
NOTHING_YET = Message("尚无生效的版本", "no version is in force yet")


def publisher_for(config: Config, out: Path | None) -> Publisher:
    """The publisher of the configured folder, else of the one under the out folder."""
    from compliance.blocklist.publication import Publisher

    folder = blocklist_folder(config, out)
    proposer = config.blocklist.proposer or _user()
    return Publisher(
        folder, ledger_for(config, out), config.policy.guard, proposer=proposer, keys=config.blocklist.keys
    )


def blocklist_folder(config: Config, out: Path | None) -> Path:
    """The configured folder of the block list, else the one under the out folder. Raises ConfigurationError."""
    return config.blocklist.folder or given(out, config.out, NO_OUT, option="--out", key="out") / FOLDER


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user without a name
        return "gate"


def say_publication(publication: Publication | None) -> None:
    """Print what became of the list; nothing where it was not to be published."""
    if publication is None:
        return
    if not publication.held:
        say(PUBLISHED(version=publication.version))
        return
    in_force = publication.in_force
    stays = NOTHING_YET() if in_force is None else STAYS(version=in_force)
    reasons = "\n".join(f"  - {reading.says()}" for reading in publication.reasons)
    say(HELD(version=publication.version, in_force=stays, reasons=reasons))


def publication_json(publication: Publication | None) -> dict[str, Any] | None:
    """The same as JSON values."""
    if publication is None:
        return None
    return {
        "version": publication.version,
        "held": publication.held,
        "in_force": publication.in_force,
        "readings": [reading.as_json() for reading in publication.readings],
    }
