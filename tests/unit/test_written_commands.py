"""Every `gate …` that stands in the documentation and in deploy/ is a command that there is, with its options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from compliance.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
EVERYWHERE = {"--help", "--lang", "--config", "--debug"}
TEXTS = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/**/*.*"), *ROOT.glob("sql/**/*.md")])


def written(path: Path) -> Iterator[str]:
    """What stands behind `gate` in a text, a unit or a manifest."""
    text = path.read_text(encoding="utf-8")
    yield from re.findall(r"(?:`|^|\$ | {4})gate ([a-z][^`\n]*)", text, re.MULTILINE)
    yield from re.findall(r"^ExecStart=\S*/gate (.+)$", text, re.MULTILINE)
    if path.suffix == ".yaml":
        for arguments in re.findall(r"args: (\[[^\]]*\])", text):
            yield " ".join(map(str, yaml.safe_load(arguments)))


def unknown(line: str) -> list[str]:
    """What there is not: the command, or options of it."""
    name, *rest = line.split()
    if name not in COMMANDS:
        return [name]
    command = get_command(import_module(COMMANDS[name].module).app)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]  # type: ignore[attr-defined]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | EVERYWHERE
    options = [re.match(r"--[a-z][a-z-]*", word) for word in rest]
    return [option[0] for option in options if option and option[0] not in known]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_are_written_down_exist(path: Path) -> None:
    assert {line: wrong for line in written(path) if (wrong := unknown(line))} == {}


def test_commands_are_found_where_they_are_written() -> None:
    """A pattern that finds nothing would find nothing wrong."""
    found = {path.name: len(list(written(path))) for path in TEXTS}
    assert found["guide.md"] > 10
    assert found["microdrama-gate-schedule.service"] == 1
    assert found["service.yaml"] == 1 + 2  # and how tokens are made, in a comment
    assert found["cronjobs.yaml"] == 8
