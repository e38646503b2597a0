"""Lines of places in TOML files, however they are spelt; and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.errors import ConfigurationError
from compliance.toml_files import Location, read_toml

TEXT = """\
plain = 1
"quoted" = 2
dotted.key = 3
[ spaced . "name" ]   # a comment
'inner' = {a = 1}
list = [
  "one",
]
[[many]]
name = "first"
[[many.parts]]
x = 1
[[many]]
[[many.parts]]
x = 1
[[many.parts]]
x = 2
[only.inside]
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("plain",), 1),
        (("quoted",), 2),
        (("dotted", "key"), 3),
        (("dotted",), 3),
        (("spaced", "name"), 4),
        (("spaced", "name", "inner"), 5),
        (("spaced", "name", "inner", "a"), 5),
        (("spaced", "name", "list", 0), 6),
        (("many",), 9),
        (("many", 0, "parts", 0, "x"), 12),
        (("many", 1), 13),
        (("many", 1, "parts", 0, "x"), 15),
        (("many", 1, "parts", 1, "x"), 17),
        (("many", 1, "name"), 13),
        (("only",), 18),
        (("nowhere", "at", "all"), 1),
        ((), 1),
    ],
)
def test_the_line_of_a_place(tmp_path: Path, location: Location, line: int) -> None:
    path = tmp_path / "some.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert read_toml(path).line(location) == line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"day = 2024-13-01\n", "line 1"),
        (b"out = here\n", "not valid TOML"),
        (b"days = " + b"9" * 5000, "not valid TOML"),
        (b"days = " + b"[" * 50_000, "not valid TOML"),
        ("名 = 1".encode("gbk"), "cannot be read"),
    ],
)
def test_what_is_no_toml_is_told(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "some.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=says):
        read_toml(path)


def test_a_mark_before_the_text_is_no_part_of_it(tmp_path: Path) -> None:
    """Editors of Windows write one."""
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xef\xbb\xbfx = 1\n")
    assert read_toml(path).data == {"x": 1}
    assert read_toml(path).line(("x",)) == 1
