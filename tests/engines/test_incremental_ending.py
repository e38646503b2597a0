"""However a run ends, it leaves nothing behind that still reads: the program could not end before that has."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from compliance.catalog.sources import Part
from compliance.engines import audit
from compliance.engines.incremental import evidence
from compliance.errors import RunInvalidError
from tests.nights import World


def test_a_file_of_many_gigabytes_is_read_no_further(tmp_path: Path) -> None:
    files = [tmp_path / f"{place}.parquet" for place in range(3)]
    for file in files:
        with file.open("wb") as handle:
            handle.truncate(64 << 30)  # a hole, that takes no room and a minute to read
    part = Part("labels", "source_labels", tuple(map(str, files)), {}, 1, False)
    digests = evidence.Digests({"labels": [part], "episodes": [part]})
    time.sleep(0.1)
    begun = time.monotonic()
    digests.close()
    assert time.monotonic() - begun < 5
    assert not any(thread.is_alive() for thread in digests._pool._threads)


@pytest.mark.parametrize("end", [RunInvalidError("no"), KeyboardInterrupt()])
def test_a_run_that_fails_or_is_interrupted_leaves_nothing_reading(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: BaseException
) -> None:
    made: list[evidence.Digests] = []

    def failing(*_: object) -> None:
        raise end

    def noted(self: evidence.Digests, *_: object) -> str:
        made.append(self)
        return str(self._closed.wait(60))

    monkeypatch.setattr(evidence.Digests, "_sha256_of", noted)
    monkeypatch.setattr(audit, "create_rulings", failing)
    world.last = None
    (tmp_path / "run").mkdir()
    request = world.request(world.export(), tmp_path / "run", incremental=True)
    begun = time.monotonic()
    with pytest.raises(type(end)):
        audit.run_audit(request, progress=lambda _: None)
    assert time.monotonic() - begun < 30
    assert made
    assert not any(thread.is_alive() for digests in made for thread in digests._pool._threads)
