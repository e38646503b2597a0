"""The entry point `gate`: loads the one command that is called, and turns errors into messages and exit codes."""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from types import FrameType
from typing import TYPE_CHECKING

from compliance.cli.commands import COMMANDS, overview, unknown_command
from compliance.cli.language import Message, choose, of_locale
from compliance.cli.session import EVERYWHERE, SESSION, take_session_options
from compliance.cli.streams import settle_streams
from compliance.errors import EXIT_CLEAR, EXIT_INCOMPLETE, EXIT_USAGE, ConfigurationError, GateError

if TYPE_CHECKING:
    import typer

EXIT_INTERRUPTED = 130

INTERRUPTED = Message("已中断", "interrupted")
UNEXPECTED = Message(
    "意外错误：{kind}: {error}\n  → 请报告：所用命令、`gate doctor` 的输出，以及加上 --debug 重跑的输出",
    "unexpected error: {kind}: {error}\n"
    "  → please report: the command, what `gate doctor` prints, and what it prints again with --debug",
)
MACHINE = Message(
    "{where}{error}\n  → 确认本用户对此处有读写权限，磁盘有空间且完好",
    "{where}{error}\n  → see that this user may read and write there, and that the disk has room and is sound",
)
_OF_THE_MACHINE = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.EMFILE,
    errno.ENFILE, errno.ENAMETOOLONG,
)  # fmt: skip
_MAY_BE_EMPTY = ("--number",)
"""Options of which nothing is something: a blank number is held."""
EMPTY = Message("{option} 的值是空的", "the value of {option} is empty")
EMPTY_REMEDY = Message("检查所用的变量是否已设置", "see that the variable it comes from is set")
ERROR = Message("错误：", "error: ")


def run() -> None:
    """What the shell starts. Ends the process with the exit code of the contract (section 3)."""
    signal.signal(signal.SIGTERM, _interrupt)
    settle_streams()
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except GateError as error:
        _complain(f"{ERROR()}{error}")
        code = error.exit_code
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    choose(of_locale())
    try:
        rest = take_session_options(arguments)
        _refuse_empty(rest)
        return _dispatch(rest)
    except GateError as error:
        _complain(f"{ERROR()}{error}")
        return error.exit_code
    except KeyboardInterrupt:
        _complain(INTERRUPTED())
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort of the program: a message, not a traceback
        if SESSION.debug:
            import traceback

            traceback.print_exc()
        _complain(ERROR() + _last_words(error))
        return EXIT_INCOMPLETE


def _last_words(error: Exception) -> str:
    """What is said of an error that nobody has foreseen: only what is not the machine's is to be reported."""
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        where = ", ".join(str(name) for name in (error.filename, error.filename2) if name is not None)
        return MACHINE(where=f"{where}: " if where else "", error=error.strerror)
    return UNEXPECTED(kind=type(error).__name__, error=error)


def _refuse_empty(arguments: Sequence[str]) -> None:
    """An option whose shell variable is not set would be taken for the folder one is in. Raises ConfigurationError."""
    empty = [name for name, value in pairwise(arguments) if name.startswith("--") and value == ""]
    empty += [argument[:-1] for argument in arguments if argument.startswith("--") and argument.endswith("=")]
    for option in empty:
        if option not in _MAY_BE_EMPTY:
            raise ConfigurationError(EMPTY(option=option), remedy=EMPTY_REMEDY())


def _dispatch(arguments: Sequence[str]) -> int:
    if not arguments:
        sys.stderr.write(overview())
        return EXIT_USAGE
    name, *rest = arguments
    if name in ("--help", "-h", "help"):
        sys.stdout.write(overview())
        return EXIT_CLEAR
    if name == "--version":
        from importlib.metadata import version

        sys.stdout.write(f"gate {version('microdrama-gate')}\n")
        return EXIT_CLEAR
    if name not in COMMANDS:
        _complain(f"{ERROR()}{unknown_command(name)}")
        return EXIT_USAGE
    return _invoke(name, rest)


def _invoke(name: str, arguments: Sequence[str]) -> int:
    """Hand the arguments to the command's own Typer application."""
    import typer
    from typer.main import get_command

    from compliance.cli.usage import complaint, leave_flags_bare, leave_whole

    app: typer.Typer = import_module(COMMANDS[name].module).app
    command = get_command(app)
    leave_whole(command)
    leave_flags_bare(command)
    command.epilog = EVERYWHERE()
    try:
        code = command.main(args=list(arguments), prog_name=f"gate {name}", standalone_mode=False)
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            _complain(error.format_message())
        else:
            _complain(f"{ERROR()}{complaint(error, f'gate {name}')}")
        return EXIT_USAGE
    except typer.Abort:
        raise KeyboardInterrupt from None
    if code == EXIT_INTERRUPTED:
        raise KeyboardInterrupt  # Typer has swallowed one
    return code if isinstance(code, int) else EXIT_CLEAR


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """A polite kill, as systemd and Kubernetes send it, ends a run as Ctrl-C does: nothing half-written stays."""
    raise KeyboardInterrupt
