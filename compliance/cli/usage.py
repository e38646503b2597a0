"""Complaints about options and arguments, in both languages."""

from __future__ import annotations

import re
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from compliance.cli.language import Message, language

if TYPE_CHECKING:
    import typer

_CHINESE = {
    "NoSuchOption": "没有选项 {subject}",
    "MissingParameter": "缺少 {subject}",
    "BadParameter": "{subject} 的取值不对：{detail}",
    "BadOptionUsage": "{detail}",
}
"""By the name of the parser's error class; English is the parser's own."""

_DETAILS = (
    (r"Input should be greater than or equal to (\S+)", Message(r"不得小于 \1", r"must be at least \1")),
    (r"Input should be less than or equal to (\S+)", Message(r"不得大于 \1", r"must be at most \1")),
    (r"Input should be a valid integer.*", Message("应为整数", "not a whole number")),
    (r"Input should be a valid number.*", Message("应为数", "not a number")),
    (
        r"(.+) does not match the formats '%Y-%m-%d'\.",
        Message(r"\1 不是 2026-11-23 这样的日期", r"\1 is no day like 2026-11-23"),
    ),
    (r"Option '(\S+)' requires an argument\.", Message(r"\1 后面缺少取值", r"\1 lacks its value")),
    (r"Option '(\S+)' does not take a value\.", Message(r"\1 后面不带取值", r"\1 takes no value")),
    (r"Got unexpected extra argument\(s\) \((.+)\)", Message(r"多余的参数：\1", r"too many arguments: \1")),
    (
        r"No such command '(.+?)'\. Did you mean '(.+?)'\?",
        Message(r"没有子命令 \1；是否指 \2？", r"there is no command \1; did you mean \2?"),
    ),
    (r"No such command '(.+?)'\.", Message(r"没有子命令 \1", r"there is no command \1")),
)
"""What the parser and its library say in words of their own."""

_WIDE = 80
"""Columns that a table of options takes; on fewer, it cuts their names."""
_NOISE = "Value error, "
"""What the parser puts before what it says of a value."""

SHOW_HELP = Message("显示本说明", "show this help")
SEE_HELP = Message("  → `{command} --help` 列出可用选项", "  → `{command} --help` lists the options")


def leave_whole(command: object) -> None:
    """See that help in Chinese, or on a narrow terminal, is shown to its end.

    Rich breaks lines at spaces, which Chinese does not have, and cuts what does not fit; plain help cuts nothing.
    """
    from typer.core import TyperCommand, TyperGroup

    wide = get_terminal_size().columns >= _WIDE
    if (wide and language() != "zh") or not isinstance(command, TyperCommand | TyperGroup):
        return
    command.rich_markup_mode = None
    for inner in getattr(command, "commands", {}).values():
        leave_whole(inner)


def leave_flags_bare(command: object) -> None:
    """See that help puts no word behind an option that takes none (Typer's own look is `--json <bool>`).

    And that `--help`, which Typer adds by itself, speaks the language of the others.
    """
    import typer
    from typer.core import TyperCommand, TyperGroup

    if not isinstance(command, TyperCommand | TyperGroup):
        return
    options = list(command.params)
    if own_help := command.get_help_option(typer.Context(command)):
        own_help.help = SHOW_HELP()
        options.append(own_help)
    for parameter in options:
        if getattr(parameter, "is_flag", False) and parameter.metavar is None:
            parameter.metavar = ""
    for inner in getattr(command, "commands", {}).values():
        leave_flags_bare(inner)


def complaint(error: typer.TyperException, command: str) -> str:
    """What was wrong with the way a command was called, and where to look."""
    text = _reworded(error.format_message().replace(_NOISE, ""))
    template = _CHINESE.get(type(error).__name__)
    if language() == "zh" and template:
        detail = _reworded(error.message.removeprefix(_NOISE))
        text = template.format(subject=_subject(error), detail=detail)
    context = getattr(error, "ctx", None)
    return f"{text}\n{SEE_HELP(command=context.command_path if context is not None else command)}"


def _reworded(text: str) -> str:
    for pattern, message in _DETAILS:
        text = re.sub(pattern, message(), text)
    return text


def _subject(error: typer.TyperException) -> str:
    parameter = getattr(error, "param", None)
    if parameter is not None:
        return " / ".join(parameter.opts)
    return str(getattr(error, "option_name", ""))
