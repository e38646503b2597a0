"""The command line: languages, configuration, errors and exit codes, without any audit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer

from compliance.cli.commands import COMMANDS, Command
from compliance.cli.language import Message, of_locale
from compliance.cli.main import main
from compliance.cli.session import SESSION
from compliance.errors import CatalogError, ConfigurationError
from tests.catalogs import write_catalog


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the working folder or the environment, and English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    SESSION.config = None


def test_help_names_every_command_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    for language in ("zh", "en"):
        assert main(["--help", "--lang", language]) == 0
        shown = capsys.readouterr().out
        for name, command in COMMANDS.items():
            assert name in shown
            assert getattr(command.does, language) in shown


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from compliance.cli.main import main; main(['--help']);"
        "print(*{'typer', 'rich', 'duckdb', 'pyarrow', 'pydantic', 'pandas'} & set(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stderr == "\n"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"gate {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", list(COMMANDS))
def test_help_in_chinese_is_not_cut(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main([name, "--help", "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert f"gate {name}" in shown
    assert "…" not in shown


@pytest.mark.parametrize(("language", "says"), [("zh", "--help                "), ("en", "--help      ")])
def test_help_puts_no_word_behind_a_flag(language: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--help", "--lang", language]) == 0
    shown = capsys.readouterr().out
    assert says in shown
    assert "<bool>" not in shown
    assert {"zh": "显示本说明", "en": "show this help"}[language] in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Usage: gate COMMAND"),
        (["polcy"], "did you mean policy?"),
        (["policy", "lst"], "there is no command lst; did you mean list?"),
        (["policy", "list", "--nope"], "No such option: --nope"),
        (["policy", "list", "--on", "2026-13-01"], "--on"),
        (["policy", "list", "--form", "puppets"], "live_action"),
        (["audit", "--as-of", "1989-12-31"], "--as-of 1989-12-31 lies outside the years 1990 to 2100"),
        (["prepublish", "--as-of", "2101-01-01"], "--as-of 2101-01-01 lies outside the years 1990 to 2100"),
        (["audit", "--as-of", "1990-01-01"], "no folder for the outputs is given"),
        (["audit", "--as-of", "2100-12-31"], "no folder for the outputs is given"),
        (["policy", "show", "nobody"], "nobody"),
        (["policy", "list", "--lang", "fr"], "not fr"),
        (["policy", "list", "--lang"], "--lang lacks its value"),
        (["policy", "list", "--config", "none.toml"], "none.toml"),
        (["check", "--number", "", "--state", ""], "the value of --state is empty"),
        (["check", "--state=", "--number="], "the value of --state is empty"),
    ],
)
def test_wrong_usage_is_exit_2(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert says in capsys.readouterr().err


def test_wrong_usage_is_told_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "list", "--nope", "--lang=zh"]) == 2
    assert capsys.readouterr().err == "错误：没有选项 --nope\n  → `gate policy list --help` 列出可用选项\n"


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["policy", "forecast", "--until", "x"], "'x' 不是 2026-11-23 这样的日期", "'x' is no day like 2026-11-23"),
        (["runs", "--limit", "x"], "--limit 的取值不对：应为整数", "'--limit': not a whole number"),
        (["runs", "--limit", "0"], "--limit 的取值不对：不得小于 1", "'--limit': must be at least 1"),
        (["serve", "--port", "99999"], "--port 的取值不对：不得大于 65535", "'--port': must be at most 65535"),
        (["audit", "--out"], "--out 后面缺少取值", "--out lacks its value"),
        (["runs", "--json=5"], "--json 后面不带取值", "--json takes no value"),
        (["run", "a", "b"], "多余的参数：b", "too many arguments: b"),
        (["waive", "nosuch"], "没有子命令 nosuch", "there is no command nosuch"),
        (["waive", "ad"], "没有子命令 ad；是否指 add？", "there is no command ad; did you mean add?"),
    ],
)
def test_what_the_parser_says_is_told_in_the_language_chosen(
    arguments: list[str], zh: str, en: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, says in (("zh", zh), ("en", en)):
        assert main([*arguments, "--lang", language]) == 2
        assert says in capsys.readouterr().err.splitlines()[0]


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waive", "--lang", "en"]) == 2
    shown = "".join(capsys.readouterr())
    assert "Usage: gate waive" in shown
    assert "error:" not in shown


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["audit", "--catalog", "nowhere", "--out", "out"], 3, "nowhere 处没有片库：没有这个文件夹"),
        (["audit", "--catalog", "catalog", "--out", "out"], 3, 'titles.kind：1 行的取值无法识别，如 "Drama" → 改用'),
        (["audit", "--catalog", "catalog", "--out", "catalog/titles.parquet"], 3, "无法在此写出结果"),
        (["audit", "--catalog", "oracle://here", "--out", "out"], 2, "无法读取 oracle 中的片库"),
        (["check", "t1", "--state", "nowhere"], 2, "nowhere 不是文件夹"),
        (["check", "t1", "--state", "catalog"], 3, "catalog 中没有状态"),
        (["report", "nothing", "--out", "catalog"], 2, "没有这次审核：nothing"),
        (["policy", "show", "--config", "gate.toml"], 2, "政策有 1 处错误"),
        (["register", "import", "none.csv", "--system", "key", "--database", "sqlite:///r"], 3, "none.csv：无法读取"),
        (["run", "nightly-audit"], 2, "配置没有指定输出文件夹"),
    ],
)
def test_errors_of_every_layer_are_told_in_chinese(
    arguments: list[str],
    code: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_catalog(tmp_path / "catalog", titles=[{"title_id": "t1", "kind": "Drama"}])
    if "gate.toml" in arguments:
        (tmp_path / "gate.toml").write_text('[rules.off]\nlabel-stale = ""\n', encoding="utf-8")
    assert main([*arguments, "--lang", "zh"]) == code
    shown = capsys.readouterr().err
    assert says in shown
    assert "错误：" in shown


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_US.UTF-8"}, "zh"),
    ],
)
def test_language_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert of_locale(environment) == language


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Put in a command `fall` that raises."""
    module = ModuleType("falling")
    app = typer.Typer(add_completion=False)

    @app.command()
    def fall() -> None:
        raise error

    module.app = app
    monkeypatch.setitem(sys.modules, "falling", module)
    monkeypatch.setitem(COMMANDS, "fall", Command("falling", Message("坠", "fall")))


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (ConfigurationError("bad setting", remedy="mend it"), 2, "error: bad setting\n  → mend it"),
        (CatalogError("no titles", problems=["titles: 0 rows"]), 3, "error: no titles\n  - titles: 0 rows"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError("oops"), 3, "unexpected error: ZeroDivisionError: oops"),
        (
            PermissionError(13, "Permission denied", "out/x"),
            3,
            "error: out/x: Permission denied\n  → see that this user",
        ),
        (OSError(28, "No space left on device"), 3, "error: No space left on device\n  → see that"),
        (FileNotFoundError(2, "No such file", "of ours"), 3, "please report"),
        (typer.Exit(4), 4, ""),
    ],
)
def test_errors_become_messages_and_exit_codes(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    says: str,
) -> None:
    raising(monkeypatch, error)
    assert main(["fall"]) == code
    shown = capsys.readouterr().err
    assert says in shown
    assert "Traceback" not in shown


def test_debug_shows_where_an_unexpected_error_came_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, ZeroDivisionError("oops"))
    assert main(["fall", "--debug"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    gate = [sys.executable, "-c", "from compliance.cli.main import run; run()", "policy", "show"]
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(gate, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert ran.stderr == ""


def test_labels_without_their_libraries_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after `make demo`, which installs none of the extras."""
    for name in [name for name in sys.modules if name.startswith("compliance.labels.") or name == "av"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "av", None)
    assert main(["labels", "read", "x.mp4", "--lang", "en"]) == 2
    shown = capsys.readouterr().err
    assert "reading labels needs av" in shown
    assert "microdrama-gate[ocr]" in shown


def test_a_misspelt_folder_gets_no_tokens_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("litestar", reason="the service's libraries are not installed")
    assert main(["serve", "--new-token", "cms", "--state", str(tmp_path / "nodir")]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert main(["serve", "--new-token", "cms", "--state", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["tokens.json"]
