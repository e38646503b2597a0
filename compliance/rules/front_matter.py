"""Reading a rule file: the YAML between two `---` lines, every value with its place in the file, then the SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from compliance.language import nearest
from compliance.rules.model import Bilingual

FENCE = "---"
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: a tenth of the time of each start."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a rule file: line and column from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Located:
    """A piece of text, and where each of its lines begins in the file."""

    text: str
    start: Place
    indent: int = 0
    """Columns before every line of the text but the first."""

    def place(self, line: int, column: int) -> Place:
        """Where a place inside the text stands in the file."""
        offset = self.start.column - 1 if line == 1 else self.indent
        return Place(self.start.line + line - 1, column + offset)


@dataclass(slots=True)
class RuleFile:
    """One rule file, taken apart. Gathers its problems, each with file, line and column."""

    path: Path
    problems: list[str] = field(default_factory=list)
    body: Located = Located("", Place(1, 1))
    _values: dict[str, yaml.Node] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)

    def problem(self, place: Place, message: str) -> None:
        """Note a problem at a place of this file."""
        self.problems.append(f"{self.path.name}:{place.line}:{place.column}: {message}")

    def read(self, keys: Sequence[str]) -> None:
        """Take the file apart; `keys` are the keys that its front matter may have."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.problem(Place(1, 1), f"cannot be read as UTF-8 text: {error}")
            return
        self._lines = text.splitlines()
        fences = [number for number, line in enumerate(self._lines) if line.rstrip() == FENCE]
        if len(fences) < 2 or fences[0] != 0:
            self.problem(Place(1, 1), f"a rule file begins with front matter between two lines {FENCE!r}")
            return
        self.body = Located("\n".join(self._lines[fences[1] + 1 :]), Place(fences[1] + 2, 1))
        self._read_keys("\n".join(["", *self._lines[1 : fences[1]]]), keys)

    def _read_keys(self, text: str, keys: Sequence[str]) -> None:
        try:
            root = yaml.compose(text, _LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
            self.problem(place, f"the front matter is no YAML: {error.problem or error.context}")
            return
        if not isinstance(root, yaml.MappingNode):
            self.problem(Place(1, 1), "the front matter must be keys with values")
            return
        for key, value in root.value:
            if key.value in self._values:
                self.problem(place_of(key), f"the key {key.value!r} stands twice")
            elif key.value not in keys:
                self.problem(place_of(key), f"unknown key {key.value!r}{nearest(str(key.value), keys)}")
            self._values[key.value] = value

    def value(self, key: str, *, required: bool = False) -> yaml.Node | None:
        """The value of a key. A required one that is missing is a problem."""
        found = self._values.get(key)
        if found is None and required:
            self.problem(Place(1, 1), f"the key {key!r} is missing")
        return found

    def place(self, key: str) -> Place:
        """Where the value of a key stands; the top of the file where there is none."""
        found = self._values.get(key)
        return place_of(found) if found is not None else Place(1, 1)

    def text(self, node: yaml.Node | None, what: str) -> str:
        """The node as one text that is not empty; anything else is a problem."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            self.problem(place_of(node), f"{what} must be a text that is not empty")
            return ""
        return str(node.value).strip()

    def word(self, node: yaml.Node | None, what: str, allowed: Sequence[str]) -> str:
        """The node as one of the allowed words; anything else is a problem."""
        text = self.text(node, what)
        if node is not None and text and text not in allowed:
            self.problem(place_of(node), f"{what} {text!r} is none of {', '.join(allowed)}{nearest(text, allowed)}")
            return ""
        return text

    def words(self, node: yaml.Node | None, what: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """The node as a list of different allowed words; anything else is a problem."""
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.problem(place_of(node), f"{what} must be a list that is not empty")
            return ()
        words = [self.word(part, what, allowed) for part in node.value]
        if len(set(words)) < len(words):
            self.problem(place_of(node), f"{what} names a word twice")
        return tuple(word for word in words if word)

    def bilingual(self, node: yaml.Node | None, what: str) -> Bilingual:
        """The node as a text in Chinese and English; anything else is a problem."""
        parts = self.mapping(node, what, ("zh", "en"))
        return Bilingual(zh=self.text(parts.get("zh"), f"{what}, zh"), en=self.text(parts.get("en"), f"{what}, en"))

    def mapping(self, node: yaml.Node | None, what: str, keys: Sequence[str]) -> dict[str, yaml.Node]:
        """The node as values of exactly these keys; anything else is a problem."""
        if node is None:
            return {}
        found = {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
        if set(found) != set(keys):
            self.problem(place_of(node), f"{what} must have exactly the keys {', '.join(keys)}")
        return found

    def located(self, node: yaml.Node, what: str) -> Located:
        """The node as text with its place: on one line, or as a block after `|`."""
        text = self.text(node, what)
        start = place_of(node)
        if getattr(node, "style", None) == "|":
            first = self._lines[start.line]
            indent = len(first) - len(first.lstrip())
            return Located(text, Place(start.line + 1, indent + 1), indent)
        if node.end_mark.line != node.start_mark.line:
            self.problem(start, f"{what} must stand on one line, or on several after '|'")
        quoted = getattr(node, "style", None) in ("'", '"')
        return Located(text, Place(start.line, start.column + quoted))


def place_of(node: yaml.Node) -> Place:
    """Where a YAML node begins."""
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
