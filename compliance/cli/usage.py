"""Complaints about options and arguments, in both languages."""

from __future__ import annotations

from shutil import get_terminal_size
from typing import TYPE_CHECKING

from compliance.cli.language import Message, language

if TYPE_CHECKING:
    import typer

_CHINESE = {
    "NoSuchOption": "没有选项 {subject}",
    "MissingParameter": "缺少 {subject}",
    "BadParameter": "{subject} 的取值不对：{detail}",
    "BadOptionUsage": "选项 {subject} 用法不对：{detail}",
}
"""By the name of the parser's error class; English is the parser's own."""

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
    text = error.format_message().replace(_NOISE, "")
    template = _CHINESE.get(type(error).__name__)
    if language() == "zh" and template:
        text = template.format(subject=_subject(error), detail=error.message.removeprefix(_NOISE))
    context = getattr(error, "ctx", None)
    return f"{text}\n{SEE_HELP(command=context.command_path if context is not None else command)}"


def _subject(error: typer.TyperException) -> str:
    parameter = getattr(error, "param", None)
    if parameter is not None:
        return " / ".join(parameter.opts)
    return str(getattr(error, "option_name", ""))
