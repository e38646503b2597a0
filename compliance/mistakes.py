"""What is wrong in a table that a person wrote, in plain words: where, what stands there, and what may stand there.

No text of the table is repeated but a word that should have been one of a closed list: it might be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, get_args

from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from compliance.errors import ConfigurationError
from compliance.language import Message, nearest, worded
from compliance.toml_files import Location, TomlFile

DAY = Message("不加引号的日期，如 2024-06-30", "a day without quotes, such as 2024-06-30")
FLAG = Message(" true 或 false", "true or false")
LIST = Message("列表", "a list")
NUMBER = Message("数", "a number")
TABLE = Message("表", "a table")
TEXT = Message("带引号的文字", "a text in quotes")
WHOLE_NUMBER = Message("整数", "a whole number")

_WANTED = {
    "bool_type": FLAG,
    "date_type": DAY,
    "dict_type": TABLE,
    "finite_number": NUMBER,
    "float_type": NUMBER,
    "int_type": WHOLE_NUMBER,
    "list_type": LIST,
    "model_type": TABLE,
    "string_type": TEXT,
    "tuple_type": LIST,
}
"""What Pydantic misses, by the type of its error."""

_TOLD = {
    "missing": Message("缺少", "is missing"),
    "string_too_short": Message("是空的", "is empty"),
    "too_short": Message("是空的", "is empty"),
    "greater_than": Message("是{shown}，须大于 {gt}", "is {shown}, but must be more than {gt}"),
    "greater_than_equal": Message("是{shown}，不得小于 {ge}", "is {shown}, but must be at least {ge}"),
    "less_than_equal": Message("是{shown}，不得大于 {le}{percent}", "is {shown}, but must be at most {le}{percent}"),
    "value_error": Message("{error}", "{error}"),
}
"""What is said of Pydantic's other types of error; the names are those of its context."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, and where."""

    at: Location
    says: str


def refusal(
    what: Message, mistakes: Sequence[Mistake], file: TomlFile | None = None, *, remedy: Message
) -> ConfigurationError:
    """The error that tells all mistakes in the order of their lines; `what` is said with their {count}."""
    message = what(count=len(mistakes))
    told = [(mistake.at, f"{'.'.join(map(str, mistake.at))}: {mistake.says}") for mistake in mistakes]
    if file is None:
        return ConfigurationError(message, problems=[said for _, said in told], remedy=remedy())
    lines = sorted((file.line(at), said) for at, said in told)
    return ConfigurationError(
        worded(f"{file.name}：{message}", f"{file.name}: {message}"),
        problems=[f"{file.name}:{line}: {said}" for line, said in lines],
        remedy=remedy(),
    )


def mistakes_in(
    error: ValidationError, model: type[BaseModel], *, beneath: Location = (), beside: Collection[str] = ()
) -> list[Mistake]:
    """What Pydantic found wrong in a table that it read as a model.

    `beneath` is where the table stands in its file; `beside` are keys of the table that are read by somebody else.
    """
    found = []
    for problem in error.errors():
        if problem["type"] == "too_short" and problem["input"]:
            continue  # it has parts, whose own mistakes are told
        at = tuple(part for part in problem["loc"] if part != "[key]")
        if problem["type"] == "extra_forbidden":
            says = no_such_key(str(at[-1]), [*_keys(model, at[:-1]), *(beside if len(at) == 1 else ())])
        else:
            says = _says(problem["type"], problem["input"], problem.get("ctx", {}))
        found.append(Mistake((*beneath, *at), says))
    return found


def written_as(pattern: str, how: Message) -> AfterValidator:
    """For a type of texts: that they have a shape, which `how` tells."""

    def written(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(worded(f"应写成{how.zh}", f"must be written {how.en}"))
        return text

    return AfterValidator(written)


def no_such_key(name: str, known: Collection[str]) -> str:
    """What is said of a key that there is not: the one that was probably meant, else those that there are."""
    hint = nearest(name, known) or worded(f"；可写 {'、'.join(known)}", f"; there are {', '.join(known)}")
    return worded(f"没有这个键{hint}", f"there is no such key{hint}")


def no_such_rule(rule: str, rules: Collection[str]) -> str:
    """What is said of a rule that there is not."""
    hint = nearest(rule, rules)
    return worded(
        f"没有规则 {rule}（docs/rules 列出全部规则）{hint}",
        f"there is no rule {rule} (docs/rules lists them all){hint}",
    )


def wrong_kind(value: object, wanted: Message) -> str:
    """What is said of a value of another kind than the one wanted."""
    return worded(f"是{_shown(value)}，应为{wanted.zh}", f"is {_shown(value)}, not {wanted.en}")


def none_of(value: object, choices: Collection[str]) -> str:
    """What is said of a value that is none of a closed list."""
    shown = worded(f" {value!r}", repr(value)) if isinstance(value, str) else _shown(value)
    return worded(f"是{shown}，只能是 {'、'.join(choices)}", f"is {shown}, which is none of {', '.join(choices)}")


def outside(value: object, least: object, most: object) -> str:
    """What is said of a number or a day that does not lie between two bounds."""
    percent = _percent(value, most)
    return worded(
        f"是{_shown(value)}，应在 {least} 与 {most} 之间{percent}",
        f"is {_shown(value)}, but must lie between {least} and {most}{percent}",
    )


def _says(kind: str, value: object, context: Mapping[str, Any]) -> str:
    if kind in _WANTED:
        return wrong_kind(value, _WANTED[kind])
    if kind == "literal_error":
        return none_of(value, context["expected"].replace("'", "").replace(" or ", ", ").split(", "))
    if kind in _TOLD:
        bounds = {name: f"{bound:g}" if isinstance(bound, float) else bound for name, bound in context.items()}
        return _TOLD[kind](shown=_shown(value), percent=_percent(value, context.get("le")), **bounds)
    return kind


def _percent(value: object, most: object) -> str:
    """How a share is written that was probably meant in per cent; empty where it was not."""
    if most != 1 or not isinstance(value, int | float) or not 1 < value <= 100:
        return ""
    return worded(f"；{value:g}% 写作 {value / 100:g}", f"; {value:g} % is written {value / 100:g}")


def _shown(value: object) -> str:
    """A value as it stands behind `is` in a complaint: itself where it is short and no secret, else its kind."""
    if isinstance(value, int | float | date | time):
        said = str(value).lower() if isinstance(value, bool) else str(value)
        return worded(f" {said}", said)
    if isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
        return worded(" [[…]] 写成的列表", "a list of tables ([[…]])")
    kind = TEXT if isinstance(value, str) else TABLE if isinstance(value, Mapping) else LIST
    return kind()


def _keys(model: type[BaseModel], at: Location) -> list[str]:
    """The keys of the table at a place in a model."""
    for part in at:
        if field := _fields(model).get(part):
            model = _model_in(field.annotation) or model
    return [str(key) for key in _fields(model)]


def _fields(model: type[BaseModel]) -> dict[str | int, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - what stands behind a colon
    """The model in a type such as `tuple[Period, ...]`, `Mapping[str, Setting]` or `Terms | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
