"""Options that may stand anywhere on the command line, whatever the command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from compliance.cli.language import LANGUAGES, Message, choose
from compliance.errors import ConfigurationError

EVERYWHERE = Message(
    "所有命令通用：--lang zh|en  --config FILE（默认 ./gate.toml 或 $GATE_CONFIG）  --debug",
    "With every command: --lang zh|en  --config FILE (default ./gate.toml or $GATE_CONFIG)  --debug",
)
NO_VALUE = Message("{option} 后面缺少取值", "{option} lacks its value")
NO_LANGUAGE = Message("--lang 只能是 zh 或 en，不能是 {value}", "--lang is zh or en, not {value}")


@dataclass(slots=True)
class Session:
    """What the command line says to all commands."""

    config: Path | None = None
    lang_given: bool = False
    """--lang was said: the configuration no longer has a say in it."""
    debug: bool = False


SESSION = Session()


def take_session_options(arguments: Sequence[str]) -> list[str]:
    """Take --lang, --config and --debug out of the arguments, set the session by them, return the rest.

    Everything after `--` is left alone. Raises ConfigurationError for a value that is missing or wrong.
    """
    SESSION.config, SESSION.lang_given, SESSION.debug = None, False, False
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        option, equals, value = argument.partition("=")
        if argument == "--":
            return [*rest, argument, *waiting]
        if argument == "--debug":
            SESSION.debug = True
        elif option in ("--lang", "--config"):
            if not equals and not waiting:
                raise ConfigurationError(NO_VALUE(option=option))
            _set(option, value if equals else waiting.pop(0))
        else:
            rest.append(argument)
    return rest


def _set(option: str, value: str) -> None:
    if option == "--config":
        SESSION.config = Path(value)
        return
    for known in LANGUAGES:
        if value == known:
            choose(known)
            SESSION.lang_given = True
            return
    raise ConfigurationError(NO_LANGUAGE(value=value))
