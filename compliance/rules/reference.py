"""The reference of the rules in Chinese and English, made of the rule files and their cases: `docs/rules/{zh,en}.md`.

`python -m compliance.rules.reference [FOLDER]` writes it anew, in a checkout.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from compliance.policy import Policy, load_policy
from compliance.rules.examples import Example, read_examples
from compliance.rules.facts import FACTS, Fact
from compliance.rules.loading import load_rules
from compliance.rules.model import Rule

_CHECKOUT = Path(__file__).parents[2]
CASES = _CHECKOUT / "tests" / "rules" / "cases"
LANGUAGES = ("zh", "en")
Words = Mapping[str, str]
WORDS: Mapping[str, Words] = tomllib.loads(
    (Path(__file__).parent / "data" / "reference.toml").read_text(encoding="utf-8")
)
"""The words of the pages by language; under `facts_zh` the meanings of the facts in Chinese."""


def main(arguments: Sequence[str]) -> None:
    """Write both pages into the folder given, or into `docs/rules`."""
    folder = Path(arguments[0]) if arguments else _CHECKOUT / "docs" / "rules"
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        (folder / f"{language}.md").write_text(page(language), encoding="utf-8")


def page(language: str) -> str:
    """The whole reference in one language, as Markdown."""
    words, rules, policy = WORDS[language], load_rules(), load_policy()
    parts = [
        f"# {words['title']}",
        words["made_of"],
        words["how_to_read"],
        _overview(rules, words, language),
        *(_rule(rule, words, language, policy) for rule in rules),
        _language(words),
        _parameters(rules, words, language, policy),
        _facts(words, language),
    ]
    return "\n\n".join(parts) + "\n"


def _overview(rules: Iterable[Rule], words: Words, language: str) -> str:
    rows = [(f"[{rule.id}](#{rule.id})", rule.title[language], _actions(rule, words), rule.clause) for rule in rules]
    return _table((words["rule"], words["demand"], words["action"], words["clause"]), rows)


def _rule(rule: Rule, words: Words, language: str, policy: Policy) -> str:
    rows = [
        (words["action"], _actions(rule, words)),
        (words["stage"], words["both_stages"]),
        (words["clause"], rule.clause),
        (words["kinds"], _codes(rule.kinds)),
        (words["needs"], _codes(rule.needs)),
        (words["applies"], words["always"] if rule.applies.text == "TRUE" else _code(rule.applies.text)),
        (words["unknown"], _code(rule.unknown_when.text) if rule.unknown_when else words["never"]),
        (words["unknown_title"], rule.unknown_title[language] if rule.unknown_title else ""),
        (words["unknown_remedy"], rule.unknown_remedy[language] if rule.unknown_remedy else ""),
        *((words[f"softer_{softer.action}"], _code(softer.when.text)) for softer in rule.softer),
        (words["parameters"], _settings(rule, policy, words)),
        (words["evidence"], _codes(rule.evidence)),
        (words["remedy"], rule.remedy[language]),
    ]
    parts = [
        f'<a id="{rule.id}"></a>\n\n## {rule.id} · {rule.title[language]}',
        *((rule.because[language],) if rule.because else ()),
        _table(("", ""), [row for row in rows if row[1]]),
        f"{words['fails']}\n\n```sql\n{rule.fails.text}\n```",
        _examples(read_examples(CASES, rule.id), words),
    ]
    return "\n\n".join(parts)


def _examples(examples: Iterable[Example], words: Words) -> str:
    rows = [
        (
            example.name,
            "<br>".join(_code(line) for line in example.differences) or words["nothing"],
            words[example.outcome] + (f" → {words[example.action]}" if example.action else ""),
        )
        for example in examples
    ]
    return _table((words["example"], words["differs_in"], words["outcome"]), rows)


def _actions(rule: Rule, words: Words) -> str:
    return " / ".join(words[action] for action in dict.fromkeys(action for action, _ in rule.choices()))


def _settings(rule: Rule, policy: Policy, words: Words) -> str:
    values = [f"`:{name}` = {policy.settings[name].value}" for name in rule.parameters if name in policy.settings]
    asks_day = [f"`:as_of` = {words['as_of']}"] if "as_of" in rule.parameters else []
    return "<br>".join(asks_day + values)


def _language(words: Words) -> str:
    return f"## {words['language']}\n\n{words['language_text']}"


def _parameters(rules: Iterable[Rule], words: Words, language: str, policy: Policy) -> str:
    asked = sorted({name for rule in rules for name in rule.parameters} & set(policy.settings))
    rows = [
        (f"`:{name}`", str(setting.value), getattr(setting.meaning, language), setting.source, setting.confidence)
        for name in asked
        for setting in (policy.settings[name],)
    ]
    head = (words["name"], words["shipped_value"], words["meaning"], words["source"], words["confidence"])
    return f"## {words['parameters']}\n\n{words['parameters_text']}\n\n{_table(head, rows)}"


def _facts(words: Words, language: str) -> str:
    rows = [(f"`{fact.name}`", _type(fact, words), _meaning(fact, language)) for fact in FACTS.values()]
    return f"## {words['facts']}\n\n{_table((words['name'], words['type'], words['meaning']), rows)}"


def _type(fact: Fact, words: Words) -> str:
    return (
        words[fact.type.value]
        + (words["or_null"] if fact.nullable else "")
        + (words["shown_only"] if fact.shown_only else "")
    )


def _meaning(fact: Fact, language: str) -> str:
    meaning = WORDS["facts_zh"].get(fact.name, fact.meaning) if language == "zh" else fact.meaning
    return meaning + (f"<br>{_codes(fact.values)}" if fact.values else "")


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _code(text: str) -> str:
    """Text in one line of code, fit for a table."""
    one_line = " ".join(text.split())
    return f"`` {one_line} ``" if "`" in one_line else f"`{one_line}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    main(sys.argv[1:])
