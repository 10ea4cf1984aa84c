"""`rules/vocabulary.yaml` to the vocabulary in memory."""

from __future__ import annotations

from collections.abc import Callable

from engine import conditions as c
from engine.condition_reader import ConditionReader
from engine.mistakes import nearest
from engine.rule_files import RuleFiles
from engine.schema import VocabularyFile
from engine.vocabulary import Derived, Group, Item, SafetyCritical, Vocabulary
from engine.yaml_files import line_of

ALWAYS = c.Always()


def read_vocabulary(name: str, form: VocabularyFile, files: RuleFiles, reader_of: Callable[[str, str], ConditionReader]) -> Vocabulary:
    """The items of a rule set, in the form's order. Mistakes are collected in `files`; `reader_of(file, item)` reads conditions."""
    groups = {group.id for group in form.groups}
    items: dict[str, Item] = {}
    for order, entry in enumerate(form.items):
        line = line_of(files.raw[name], ["items", order])
        if entry.name in items:
            files.mistake(name, line, entry.name, "this item is described twice.")
        if entry.group not in groups:
            files.mistake(name, line, entry.name, f"unknown group '{entry.group}'.{nearest(entry.group, groups)}")
        reader = reader_of(name, entry.name)
        relevant = reader.read(entry.relevant_when, line) if entry.relevant_when else ALWAYS
        for node in c.walk(relevant) if relevant else ():
            if getattr(node, "item", None) not in (None, *items):
                files.mistake(
                    name, line_of(files.raw[name], ["items", order, "relevant_when"]), entry.name,
                    f"'{node.item}' does not come earlier in the form, so whether this item is relevant cannot depend on it.",
                )
        safety = entry.safety_critical
        items[entry.name] = Item(
            name=entry.name, type=entry.type, unit=entry.unit, minimum=entry.minimum, maximum=entry.maximum,
            codes=tuple(entry.codes) or (("yes", "no") if entry.type == "boolean" else ()), label=entry.label,
            question=entry.question, help=entry.help, group=entry.group, order=order, relevant_when=relevant or ALWAYS,
            safety_critical=SafetyCritical(reader.read(safety.when, line) or ALWAYS, safety.unless_recorded) if safety else None,
            changeability=entry.changeability, milestone=entry.milestone, code_labels=dict(entry.code_labels), pattern=entry.pattern,
        )
    derived = {
        entry.name: Derived(
            entry.name,
            entry.type,
            tuple(entry.codes),
            dict(entry.code_labels),
            entry.label,
            tuple(entry.made_of),
            entry.how,
            {code: tuple(prefixes) for code, prefixes in entry.made_from.items()},
        )
        for entry in form.derived
    }
    for entry in derived.values():
        for made_of in entry.made_of:
            if made_of not in items:
                files.mistake(name, 1, entry.name, f"made from the unknown item '{made_of}'.{nearest(made_of, items)}")
    return Vocabulary(items, tuple(Group(group.id, group.label, group.help) for group in form.groups), derived)
