"""Reads YAML safely, keeps every scalar as text and remembers the line of every key, so that a mistake can be pointed at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

_TAGS = {yaml.ScalarNode: "tag:yaml.org,2002:str", yaml.SequenceNode: "tag:yaml.org,2002:seq", yaml.MappingNode: "tag:yaml.org,2002:map"}


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
    """Every scalar is text, so there is nothing to resolve; saying so at once saves a fifth of the loading time."""

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:
        return _TAGS[kind]

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Tags never depend on the path."""

    def ascend_resolver(self) -> None:
        """Tags never depend on the path."""


class LocatedMapping(dict):
    """A mapping that knows the line of itself and of each key."""

    line: int = 0
    key_lines: dict[str, int]


class LocatedList(list):
    """A list that knows the line of each entry."""

    line: int = 0
    entry_lines: list[int]


class YamlMistake(Exception):
    """The file is not YAML, or names a key twice."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def read_yaml(path: Path) -> LocatedMapping:
    """The file as located mappings, lists and strings.

    Raises YamlMistake with the line when the text is not YAML, not a mapping, or repeats a key.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlMistake(line, f"not valid YAML: {error.problem}") from error
    except UnicodeDecodeError as error:
        raise YamlMistake(1, "not UTF-8 text") from error
    if not isinstance(node, yaml.MappingNode):
        raise YamlMistake(1, "the file must hold keys and values at its top level")
    return _located(node)


def _located(node: yaml.Node):
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        entries = LocatedList(_located(entry) for entry in node.value)
        entries.line = node.start_mark.line + 1
        entries.entry_lines = [entry.start_mark.line + 1 for entry in node.value]
        return entries
    mapping = LocatedMapping()
    mapping.line = node.start_mark.line + 1
    mapping.key_lines = {}
    for key_node, value_node in node.value:
        key, line = key_node.value, key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise YamlMistake(line, "a key must be plain text")
        if key in mapping:
            raise YamlMistake(line, f"the key '{key}' is written twice")
        mapping[key] = _located(value_node)
        mapping.key_lines[key] = line
    return mapping


def line_of(value: object, path: Sequence[str | int]) -> int:
    """The line at which the part of `value` named by `path` stands (the nearest located parent when it is missing)."""
    line = getattr(value, "line", 1)
    for step in path:
        if isinstance(value, LocatedMapping) and step in value:
            line, value = value.key_lines[step], value[step]
        elif isinstance(value, LocatedList) and isinstance(step, int) and step < len(value):
            line, value = value.entry_lines[step], value[step]
        else:
            break
    return line
