"""`gate doctor` says of every key whether it is there, whose it is to read, and how long readers trust it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance import clock
from compliance.cli.main import main
from compliance.service.tokens import new_token
from tests.catalogs import write_catalog


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An out folder that an audit has published into."""
    monkeypatch.chdir(tmp_path)
    catalog = write_catalog(tmp_path / "catalog")
    main(["audit", "--catalog", str(catalog), "--out", str(tmp_path / "out"), "--as-of", "2026-11-23", "--no-reports"])
    return tmp_path / "out"


def told(out: Path, capsys: pytest.CaptureFixture[str], *, code: int = 0) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["doctor", "--out", str(out), "--json", "--lang", "en"]) == code
    return [line for line in json.loads(capsys.readouterr().out) if line["about"] == "keys"]


def test_before_the_first_run_there_is_nothing_to_look_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = told(tmp_path / "out", capsys)
    assert (line["level"], line["says"]) == ("ok", "no ledger yet: the first audit makes its key")


def test_keys_that_are_as_they_should_be(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signed, followed = told(out, capsys)
    assert (signed["level"], followed["level"]) == ("ok", "ok")
    assert f"{clock.now().astimezone(UTC) + timedelta(days=3):%Y-%m-%d}" in followed["says"]


def test_a_key_that_others_may_read(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = out / "ledger" / "keys" / "ledger.key"
    key.chmod(0o644)
    (line,) = {line["says"]: line for line in told(out, capsys) if line["level"] == "warn"}.values()
    assert (line["says"], line["remedy"]) == (f"{key} can be read by others", f"chmod 600 {key}")


def test_a_signing_key_that_is_missing_fails(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (out / "ledger" / "keys" / "ledger.key").unlink()
    assert "fail" in {line["level"] for line in told(out, capsys, code=3)}


def test_a_list_that_readers_refuse_by_its_age(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    later = clock.now() + timedelta(days=4)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert any("readers have refused the block list since" in line["says"] for line in told(out, capsys))


def test_tokens_of_the_service(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new_token(out / "tokens.json", "now", ("read",), clock.now() + timedelta(days=1))
    new_token(out / "tokens.json", "then", ("read",), datetime(2026, 1, 1, tzinfo=UTC))
    line = told(out, capsys)[-1]
    assert (line["level"], line["says"]) == ("warn", f"{out / 'tokens.json'}: 1 token(s) valid, 1 expired")


def test_a_signing_key_that_is_no_key_keeps_nothing_else_from_being_seen(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = out / "ledger" / "keys" / "ledger.key"
    key.write_text("garbage", encoding="utf-8")
    failed, followed = told(out, capsys, code=3)
    assert failed["says"].startswith(f"{key} is no Ed25519 key")
    assert "backup" in failed["remedy"]
    assert followed["level"] == "ok"
    catalog = str(out.parent / "catalog")
    capsys.readouterr()
    assert main(["audit", "--catalog", catalog, "--out", str(out), "--as-of", "2026-11-23", "--lang", "en"]) == 3
    assert f"error: {key} is no Ed25519 key" in capsys.readouterr().err


def test_a_ledger_whose_database_is_gone_is_not_taken_for_a_first_run(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (out / "ledger" / "ledger.sqlite").unlink()
    lines = told(out, capsys, code=3)
    assert lines[0]["level"] == "fail"
    assert str(out / "ledger" / "head.json") in lines[0]["says"]
    catalog = str(out.parent / "catalog")
    assert main(["audit", "--catalog", catalog, "--out", str(out), "--as-of", "2026-11-23", "--no-reports"]) == 3


@pytest.mark.parametrize("below", ["", "nights/gate"])
def test_an_out_folder_that_is_a_file_fails_as_a_run_would(
    out: Path, below: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = out.parent / "file"
    file.write_text("no folder", encoding="utf-8")
    capsys.readouterr()
    assert main(["doctor", "--out", str(file / below), "--json", "--lang", "en"]) == 3
    lines = [line for line in json.loads(capsys.readouterr().out) if line["level"] == "fail"]
    assert [(line["about"], line["says"]) for line in lines] == [("outputs", f"{file} is no folder")]
