"""The configuration file: what it says, and how everything that is wrong in it is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compliance.cli.config import load_config
from compliance.cli.main import main
from compliance.cli.session import SESSION


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the working folder or the environment, and English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    SESSION.config = None


def configured(folder: Path, text: str) -> Path:
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_configuration_of_the_working_folder(tmp_path: Path) -> None:
    configured(
        tmp_path,
        'catalog = "catalog"\nout = "out"\nmemory = "2GB"\nthreads = 2\n[rules.off]\nlabel-missing = "no player yet"\n'
        "[settings.register_fresh_days]\nvalue = 3\n",
    )
    config = load_config()
    assert (config.catalog, config.out, config.memory, config.threads) == ("catalog", Path("out"), "2GB", 2)
    assert config.policy.rules.off == {"label-missing": "no player yet"}
    assert config.policy.number("register_fresh_days") == 3


@pytest.mark.parametrize("text", ['[rules]\noff = {label-missing = "why"}\n', '[rules.off]\nlabel-missing = "why"\n'])
def test_both_spellings_of_rules_off(tmp_path: Path, text: str) -> None:
    configured(tmp_path, text)
    assert load_config().policy.rules.off == {"label-missing": "why"}


def test_paths_start_at_the_folder_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etc").mkdir()
    monkeypatch.setenv("GATE_CONFIG", str(configured(tmp_path / "etc", 'catalog = "c"\nout = "/srv/out"\n')))
    config = load_config()
    assert (config.catalog, config.out) == (str(tmp_path / "etc/c"), Path("/srv/out"))


def test_a_url_is_no_path(tmp_path: Path) -> None:
    configured(tmp_path, 'catalog = "postgresql://db/catalog"\n')
    assert load_config().catalog == "postgresql://db/catalog"


def test_the_policy_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    configured(tmp_path, '[policy]\nfile = "own.toml"\n')
    (tmp_path / "own.toml").write_text('[rules.off]\nlabel-missing = "why"\n')
    assert load_config().policy.rules.off == {"label-missing": "why"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('\ncatalogue = "c"\n', "2: catalogue: there is no such key; did you mean 'catalog'?"),
        ('gaurd = 1\n[policy]\nfile = "own.toml"\n', "1: gaurd: there is no such key; did you mean 'guard'?"),
        ("threads = 0\n", "1: threads: is 0, but must be at least 1"),
        ('out = "o"\nmemory = "much"\n', "2: memory: must be written like 3GB or 512MB"),
        ('out = ""\n', "1: out: is empty"),
        ("catalog = 3\n", "1: catalog: is 3, not a text in quotes"),
        ('lang = "fr"\n', "1: lang: is 'fr', which is none of zh, en"),
        ('engine = "oracle"\n', "1: engine: is 'oracle', which is none of duckdb, spark, postgres"),
        ("[[catalog]]\n", "1: catalog: is a list of tables ([[…]]), not a text in quotes"),
        ("policy = 1\n", "1: policy: is 1, not a table"),
        ('[policy]\nfiel = "own.toml"\n', "2: policy.fiel: there is no such key; did you mean 'file'?"),
        ('[ledger]\nkey = "safe"\n', "2: ledger.key: there is no such key; did you mean 'keys'?"),
        ("[[labels]]\nseconds = 1\n", "1: labels: is a list of tables ([[…]]), not a table"),
        ("[labels]\nseconds = 0\n", "2: labels.seconds: is 0, but must be at least 1"),
        ("[spark.settings]\nx = 1\n", "2: spark.settings.x: is 1, not a text in quotes"),
        ("jobs = 1\n", "1: jobs: is 1, not a table"),
        ("[jobs]\nfoo = 1\n", "2: jobs.foo: there is no such key; there are metrics, incremental, within_hours,"),
        ('[jobs]\nincremental = "no"\n', "2: jobs.incremental: is a text in quotes, not true or false"),
        ("[jobs]\nkeep_days = 30\n", "2: jobs.keep_days: is 30, but must be at least 31"),
        ("[jobs]\nwithin_hours = inf\n", "2: jobs.within_hours: is inf, but must be at most 8784"),
        ("[jobs.terms.audit]\noff = true\n", "1: jobs.terms.audit: there is no job audit; there are label-reading,"),
        ("[jobs.terms]\nretention = 1\n", "2: jobs.terms.retention: is 1, not a table"),
        ("[jobs.terms.retention]\nattempts = 99\n", "2: jobs.terms.retention.attempts: is 99, but must be at most 20"),
        (
            '[jobs.terms.retention]\nschedule = "often"\n',
            "2: jobs.terms.retention.schedule: the schedule 'often' is not understood",
        ),
        ('[jobs.owners.ops]\nchannels = "hunter2"\n', "2: jobs.owners.ops.channels: must be written env:NAME or file:"),
        ('[policy]\nfile = "own.toml"\n[rules.off]\na = "b"\n', "3: rules: is part of the policy"),
        ('out = "o"\n[rules.off]\nlabel-missing = ""\n', "3: rules.off.label-missing: a rule is turned off with a"),
    ],
)
def test_a_mistake_is_told_by_file_and_line_whatever_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    configured(tmp_path, text)
    assert main(["policy", "list"]) == 2
    shown = capsys.readouterr().err
    assert f"gate.toml:{told}" in shown
    assert "→" in shown
    assert "hunter2" not in shown


def examples() -> list[tuple[str, str]]:
    """Every example of a configuration in the documentation, with where it stands."""
    folder = Path(__file__).parents[2]
    return [
        (f"{name}-{number}", example)
        for name in ("README.md", "docs/guide.md", "docs/blocklist.md", "docs/scale.md", "docs/labels.md")
        for number, example in enumerate(
            re.findall(r"```toml\n(.*?)```", (folder / name).read_text(encoding="utf-8"), flags=re.DOTALL), start=1
        )
    ]


@pytest.mark.parametrize("text", [pytest.param(text, id=place) for place, text in examples()])
def test_the_examples_of_the_documentation_are_right(tmp_path: Path, text: str) -> None:
    configured(tmp_path, text)
    assert main(["policy", "list", "--lang", "en"]) == 0


def test_mistakes_are_told_in_the_language_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configured(tmp_path, 'lang = "zh"\nthreads = "2"\nmemory = "much"\n')
    assert main(["policy", "list"]) == 2
    assert capsys.readouterr().err == (
        "错误：gate.toml：配置有 2 处错误\n"
        "  - gate.toml:2: threads: 是带引号的文字，应为整数\n"
        "  - gate.toml:3: memory: 应写成 3GB、512MB 这样\n"
        "  → 改正这些行：README.md 与 docs/guide.md 说明 gate.toml 的写法\n"
    )


def test_the_configured_language_counts_unless_the_command_line_says_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(tmp_path, 'lang = "zh"\n')
    assert main(["policy", "list"]) == 0
    assert "制度" in capsys.readouterr().out
    assert main(["policy", "list", "--lang", "en"]) == 0
    assert "制度" not in capsys.readouterr().out
