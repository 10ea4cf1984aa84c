"""One YAML file against the form it must have: the value, or every mistake with its line and what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from engine.mistakes import Mistake, nearest
from engine.yaml_files import LocatedMapping, YamlMistake, line_of, read_yaml

FormType = TypeVar("FormType", bound=BaseModel)


class ReadForm(NamedTuple, Generic[FormType]):
    """`form` is None when there are mistakes; `raw` when the file is not even YAML."""

    raw: LocatedMapping | None
    form: FormType | None
    mistakes: list[Mistake]


def read_form(path: Path, name: str, form: type[FormType]) -> ReadForm[FormType]:
    """The file at `path`, called `name` in messages, as a `form`."""
    try:
        raw = read_yaml(path)
    except YamlMistake as mistake:
        return ReadForm(None, None, [Mistake(name, mistake.line, "", f"{mistake.message}.")])
    try:
        return ReadForm(raw, form.model_validate(raw), [])
    except ValidationError as error:
        return ReadForm(raw, None, [_mistake(raw, name, detail, form) for detail in error.errors()])


def _mistake(raw: LocatedMapping, name: str, detail: dict, form: type[BaseModel]) -> Mistake:
    return Mistake(name, line_of(raw, detail["loc"]), _rule_at(raw, detail["loc"]), _in_words(raw, detail, form))


def _rule_at(raw: LocatedMapping, path: tuple) -> str:
    """The innermost id, or name, of what stands at `path`."""
    value: object = raw
    rule = raw.get("id", raw.get("code", ""))
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(value, dict):
            rule = value.get("id", value.get("name", rule))
    return rule if isinstance(rule, str) else ""


def _in_words(raw: LocatedMapping, detail: dict, form: type[BaseModel]) -> str:
    """A pydantic error as one sentence that says what to write instead."""
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key '{key}'.{nearest(key, _keys_beside(raw, detail['loc'], form))}"
        case "missing":
            return f"the key '{key}' is missing."
        case "literal_error":
            expected = detail["ctx"]["expected"]
            known = expected.replace("'", "").split(", ")
            return f"'{key}' is '{detail['input']}', but must be one of {expected}.{nearest(str(detail['input']), known)}"
        case "too_short":
            return f"'{key}' needs at least one entry."
        case _:
            return f"'{key}': {detail['msg'].lower()} (found '{detail['input']}')."


def _keys_beside(raw: LocatedMapping, path: tuple, form: type[BaseModel]) -> set[str]:
    """The keys that may stand where the unknown one does: those of the parts of the form that know most of its neighbours."""
    value: object = raw
    for step in path[:-1]:
        value = value[step]
    schema = form.model_json_schema()
    parts = [set(part.get("properties", {})) for part in (schema, *schema.get("$defs", {}).values())]
    most = max(len(keys & set(value)) for keys in parts)
    return set().union(*(keys for keys in parts if len(keys & set(value)) == most))
