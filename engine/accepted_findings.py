"""Findings that are accepted, each with its reason (`rules/accepted_findings.yaml`). No part of the knowledge: it changes no answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from engine.findings_words import Key, Kind
from engine.form_files import read_form
from engine.mistakes import RuleErrors
from engine.rule_files import ACCEPTED_FINDINGS_FILE
from engine.ruleset import RuleSet
from engine.schema import Form, Text


class AcceptedForm(Form):
    """One finding as its key names it: kind, ids of the rules in their order, and which part of them."""

    kind: Kind
    rules: Annotated[list[Text], Field(min_length=1)]
    about: str = ""
    reason: Text

    @property
    def key(self) -> Key:
        return self.kind, tuple(self.rules), self.about


class AcceptedFindingsFile(Form):
    accepted: list[AcceptedForm]


def accepted_findings(rules: RuleSet) -> tuple[AcceptedForm, ...]:
    """What the list beside the rules accepts; nothing where there is no list. Raises RuleErrors when the file has mistakes."""
    path = Path(rules.directory) / ACCEPTED_FINDINGS_FILE
    if not path.is_file():
        return ()
    read = read_form(path, f"{path.parent.name}/{path.name}", AcceptedFindingsFile)
    if read.form is None:
        raise RuleErrors(read.mistakes)
    return tuple(read.form.accepted)
