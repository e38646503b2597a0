"""Which ledger a command speaks of: the configured one, else the one in the out folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from compliance.cli.audit import NO_OUT, given
from compliance.cli.config import Config
from compliance.cli.language import Message
from compliance.errors import ConfigurationError

if TYPE_CHECKING:
    from compliance.ledger.store import Ledger
    from compliance.verdicts.waivers import Waivers

NO_LEDGER = Message("{place} 中没有台账", "there is no ledger in {place}")
NO_LEDGER_REMEDY = Message(
    "先运行 gate audit，或用 --out 指定其输出文件夹", "run gate audit first, or name its folder with --out"
)


def ledger_for(config: Config, out: Path | None) -> Ledger:
    """The ledger, which may not be there yet. Raises ConfigurationError where nothing says where it is."""
    from compliance.ledger.store import FOLDER, Ledger

    folder = config.ledger.folder
    if folder is None:
        folder = given(out, config.out, NO_OUT, option="--out", key="out") / FOLDER
    return Ledger(folder, url=config.ledger.url, keys=config.ledger.keys)


def existing_ledger(config: Config, out: Path | None) -> Ledger:
    """The ledger. Raises ConfigurationError where there is none yet."""
    ledger = ledger_for(config, out)
    if not ledger.exists():
        raise ConfigurationError(NO_LEDGER(place=ledger.folder), remedy=NO_LEDGER_REMEDY())
    return ledger


def waivers_for(config: Config, out: Path | None) -> Waivers:
    """The waivers of the ledger there is; none where there is no ledger: then everything found counts."""
    from compliance.verdicts.waivers import NO_WAIVERS

    if config.ledger.folder is None and out is None:
        return NO_WAIVERS
    if config.ledger.folder is None and config.ledger.url is None and not has_ledger(out or Path()):
        return NO_WAIVERS
    from compliance.ledger.waivers import waivers_in

    return waivers_in(ledger_for(config, out))


def has_ledger(out: Path) -> bool:
    """Whether an audit has left a ledger in its out folder; asked without loading the database's library."""
    return (out / "ledger" / "ledger.sqlite").is_file()
