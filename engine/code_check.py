"""Recorded ICD-10-CM codes against the lists of the Medicare articles and the recorded cause: warnings only.

No verdict reads this, and a cause is never taken from a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.advice_findings import CodeWarning
from engine.advice_rules import CODE_LISTS, code_list_names
from engine.columns import Column
from engine.reference_schema import CodeListForm, CodeListsFile, CodeWarningForm
from engine.ruleset import RuleSet
from engine.situation import Situation, cite
from engine.values import Value
from engine.vocabulary import Vocabulary

CODES_ITEM = "icd10_codes"


class CodeCheck:
    """The code lists of one rule set and their warnings. Made once."""

    def __init__(self, rules: RuleSet) -> None:
        self._form = rules.advice.code_lists
        self._sources = {warning.id: cite(rules, [warning.source])[0] for warning in self._form.warnings}

    def with_lists(self, by_name: Mapping[str, Column], recorded: Mapping[str, Value]) -> Mapping[str, Column]:
        """The columns (length 1) of one patient by name, and the lists into which the recorded codes fall."""
        codes = recorded.get(CODES_ITEM)
        if codes is None:
            return by_name
        names, inside = code_list_names(self._form), set().union(*(_lists_of(self._form, code) for code in codes))
        mask = sum(1 << position for position, name in enumerate(names) if name in inside)
        column = Column(np.array([mask], np.uint64), np.ones(1, bool))
        return {**by_name, CODE_LISTS: column}

    def warnings(self, situation: Situation) -> tuple[CodeWarning, ...]:
        """What is to be checked about the recorded codes; nothing without codes."""
        codes = situation.recorded.get(CODES_ITEM)
        if codes is None:
            return ()
        lists = {code: _lists_of(self._form, code) for code in codes}
        return tuple(self._warning(form, lists) for form in self._form.warnings if _stands(form, situation))

    def _warning(self, form: CodeWarningForm, lists: Mapping[str, set[str]]) -> CodeWarning:
        named = tuple(code for code, names in lists.items() if not names.isdisjoint(form.names))
        return CodeWarning(form.id, named, form.text, self._sources[form.id], form.provenance, self._form.icd10_cm.list_version)


def vocabulary_with_lists(vocabulary: Vocabulary, form: CodeListsFile) -> Vocabulary:
    """The vocabulary with the item that the conditions of the code lists ask."""
    lists = replace(vocabulary[CODES_ITEM], name=CODE_LISTS, type="category_list", codes=code_list_names(form), pattern=None)
    return Vocabulary({**vocabulary.items, CODE_LISTS: lists}, vocabulary.groups, vocabulary.derived)


def _stands(form: CodeWarningForm, situation: Situation) -> bool:
    is_asked = not form.while_blank or form.while_blank not in situation.recorded
    return is_asked and situation.answers.is_met(form.when)


def _lists_of(form: CodeListsFile, code: str) -> set[str]:
    """Every list a code is in; a code in no list of the article is in the list for those too."""
    lists = {name for name, entries in form.lists.items() if _holds(entries, code)}
    return lists if lists & set(form.article_lists) else lists | {form.code_in_no_list}


def _holds(entries: CodeListForm, code: str) -> bool:
    return code in entries.codes or code.startswith(tuple(entries.prefixes))
