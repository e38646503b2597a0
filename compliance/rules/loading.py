"""Loading the rules: every file read, every expression checked, all problems of all files told at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from sqlglot import exp

from compliance.catalog.schema import RELATIONS
from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.policy import Action
from compliance.resources import sql_folder
from compliance.rules.facts import FACTS, PARAMETERS, FactType
from compliance.rules.front_matter import Located, RuleFile, place_of
from compliance.rules.grammar import Vocabulary
from compliance.rules.language import Expression, FaultyExpressionError, known_after, parse_condition
from compliance.rules.model import ACTIONS, Bilingual, Rule, Softer
from compliance.rules.nulls import Known

_REQUIRED = ("id", "title", "action", "clause", "needs", "applies", "evidence", "remedy")
_UNKNOWN = ("unknown_title", "unknown_remedy")
"""What is said where a rule may be unknown: all of it, or nothing where it never is."""
_OPTIONAL = ("kinds", "unknown_when", *_UNKNOWN, "softer", "because")
_KEYS = (*_REQUIRED, *_OPTIONAL)
_NO_CONDITION = Expression("", exp.true(), frozenset(), frozenset())
"""Stands where a condition is missing or faulty: the problem is noted, and the rule never used."""
_DEFAULT_KINDS = ("micro_drama",)


def load_rules(folder: Path | None = None, parameters: Mapping[str, FactType] = PARAMETERS) -> tuple[Rule, ...]:
    """The rules in the `*.sql` files of a folder (default: those that travel with the program), sorted by id.

    `parameters` are the names that the policy will give values to, with their types.
    Raises ConfigurationError with every problem of every file.
    """
    if folder is None and parameters is PARAMETERS:
        return _shipped_rules()
    return _load(folder or sql_folder() / "rules", parameters)


@cache
def _shipped_rules() -> tuple[Rule, ...]:
    return _load(sql_folder() / "rules", PARAMETERS)


def _load(folder: Path, parameters: Mapping[str, FactType]) -> tuple[Rule, ...]:
    paths = sorted(folder.glob("*.sql"), key=lambda path: path.stem)
    if not paths:
        raise ConfigurationError(
            worded(f"{folder} 中没有规则", f"no rules in {folder}"),
            remedy=worded("指定规则文件（*.sql）所在的文件夹", "give the folder that holds the rule files (*.sql)"),
        )
    vocabulary = Vocabulary(FACTS, parameters)
    readers = [_RuleReader(path, vocabulary) for path in paths]
    rules = [reader.read() for reader in readers]
    problems = [problem for reader in readers for problem in reader.file.problems]
    if problems:
        faulty = sum(bool(reader.file.problems) for reader in readers)
        raise ConfigurationError(
            worded(
                f"{folder} 中 {len(paths)} 个规则文件有 {faulty} 个不能用",
                f"{faulty} of {len(paths)} rule files in {folder} cannot be used",
            ),
            problems=problems,
            remedy=worded(
                "改正所列之处（文件:行:列）；规则语言见 docs/rules",
                "mend the places named (file:line:column); the rule language is described in docs/rules",
            ),
        )
    return tuple(rule for rule in rules if rule is not None)


class _RuleReader:
    """Makes a rule of one file."""

    def __init__(self, path: Path, vocabulary: Vocabulary) -> None:
        self.file = RuleFile(path)
        self._vocabulary = vocabulary

    def read(self) -> Rule | None:
        """The rule, if the file could be taken apart. Not to be used where the file has noted a problem."""
        file = self.file
        file.read(_KEYS)
        if file.problems:
            return None
        may_be_unknown = file.value("unknown_when") is not None
        required = (*_REQUIRED, *(_UNKNOWN if may_be_unknown else ()))
        values = {key: file.value(key, required=key in required) for key in _KEYS}
        for key in _UNKNOWN:
            if values[key] is not None and not may_be_unknown:
                file.problem(file.place(key), f"{key} without unknown_when: this rule is never unknown")
        action = _action(file.word(values["action"], "action", ACTIONS)) or "block"
        applies = self._condition(values["applies"], "applies", frozenset())
        known = known_after(applies, truth=True)
        unknown_when = (
            self._condition(values["unknown_when"], "unknown_when", known) if values["unknown_when"] else None
        )
        known |= known_after(unknown_when, truth=False)
        fails = self._parse(file.body, known)
        return Rule(
            id=self._id(values["id"]),
            title=file.bilingual(values["title"], "title"),
            action=action,
            softer=self._softer(values["softer"], action, known | known_after(fails, truth=True)),
            clause=file.text(values["clause"], "clause"),
            needs=file.words(values["needs"], "needs", tuple(RELATIONS)),
            kinds=file.words(values["kinds"], "kinds", FACTS["kind"].values) or _DEFAULT_KINDS,
            applies=applies,
            unknown_when=unknown_when,
            unknown_title=self._words(values["unknown_title"], "unknown_title"),
            unknown_remedy=self._words(values["unknown_remedy"], "unknown_remedy"),
            fails=fails,
            evidence=file.words(values["evidence"], "evidence", tuple(FACTS)),
            remedy=file.bilingual(values["remedy"], "remedy"),
            because=self._words(values["because"], "because"),
            path=file.path,
        )

    def _words(self, node: yaml.Node | None, what: str) -> Bilingual | None:
        return self.file.bilingual(node, what) if node is not None else None

    def _id(self, node: yaml.Node | None) -> str:
        text = self.file.text(node, "id")
        if node is not None and text and text != self.file.path.stem:
            self.file.problem(place_of(node), f"the id {text!r} must be the file's name, {self.file.path.stem!r}")
        return text

    def _condition(self, node: yaml.Node | None, what: str, known: Known) -> Expression:
        return _NO_CONDITION if node is None else self._parse(self.file.located(node, what), known)

    def _parse(self, text: Located, known: Known) -> Expression:
        try:
            return parse_condition(text.text, self._vocabulary, known)
        except FaultyExpressionError as error:
            for fault in error.faults:
                self.file.problem(text.place(fault.line, fault.column), fault.message)
            return _NO_CONDITION

    def _softer(self, node: yaml.Node | None, action: Action, known: Known) -> tuple[Softer, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.file.problem(place_of(node), "softer must be a list of {action, when}")
            return ()
        return tuple(self._one_softer(part, action, known) for part in node.value)

    def _one_softer(self, node: yaml.Node, action: Action, known: Known) -> Softer:
        parts = self.file.mapping(node, "softer", ("action", "when"))
        milder = ACTIONS[: ACTIONS.index(action)]
        word = self.file.word(parts.get("action"), f"an action softer than {action}", milder)
        return Softer(_action(word) or action, self._condition(parts.get("when"), "when", known))


def _action(word: str) -> Action | None:
    return next((action for action in ACTIONS if action == word), None)
