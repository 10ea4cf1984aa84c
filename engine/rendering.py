"""An assessment in plain text: the whole explanation, and a short note for the record. Made from the value; words are in `rules/texts`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template

from engine.assessment import Assessment, CriterionFinding, PackFinding, ThresholdFinding
from engine.loading import SHIPPED_RULES, load_rules
from engine.ruleset import RuleSet

WIDTH = 110
POSITIVE_VERDICTS = ("supports", "optional")
FRAGILITY = "shared.fragility_cause"
_WARNINGS, _CONTRADICTIONS = "pathway.warning.", "pathway.contradiction."


def render_text(assessment: Assessment, rules: RuleSet | None = None) -> str:
    """Everything that the assessment says, held and not held, with values, thresholds and sources."""
    return _rendered("assessment.txt.j2", assessment, rules or load_rules())


def render_note(assessment: Assessment, rules: RuleSet | None = None) -> str:
    """A short note for the record: the answer, its reason, what is still needed, warnings, verdicts, versions, sign-off."""
    return _rendered("note.txt.j2", assessment, rules or load_rules())


def needs_dissent_note(assessment: Assessment) -> bool:
    """Whether something positive is said about a fracture that is, or may be, osteoporotic: then the other view stands beside it."""
    fragility = assessment.criteria.get(FRAGILITY)
    is_positive = bool(assessment.procedure) or any(
        verdict.verdict in POSITIVE_VERDICTS for pack in assessment.packs if pack.question != "trial" for verdict in pack.verdicts
    )
    return is_positive and (fragility is None or fragility.state != "not_met")


def _rendered(name: str, assessment: Assessment, rules: RuleSet) -> str:
    texts = rules.texts
    words = _Words(assessment, frozenset(texts["interface"]["inputs"]["units_not_shown"]))
    return _template(rules.directory, name).render(
        a=assessment,
        title=texts["interface"]["title"],
        intended_use=" ".join(texts["interface"]["intended_use"]["short"].split()),
        dissent=texts["evidence"]["dissent_note"]["text"] if needs_dissent_note(assessment) else "",
        safety_net=f"{texts['aftercare']['safety_net']['text']} {texts['aftercare']['safety_net']['telephone_route']}",
        deciding=words.with_codes(assessment.deciding_criteria),
        warnings=words.with_codes(assessment.warnings),
        contradictions=words.with_codes(assessment.contradictions),
        warnings_open=words.codes_in_state(_WARNINGS, "unknown"),
        warnings_not_held=words.codes_in_state(_WARNINGS, "not_met"),
        not_held=words.not_held(),
        not_recorded=[name for name, item in assessment.items.items() if item.value is None],
        packs=words.packs,
        items_behind=words.items_behind,
        thresholds_behind=words.thresholds_behind,
        value=words.value,
        unit=words.unit,
        labels=words.labels,
        item_labels=words.item_labels,
    )


class _Words:
    """Looks up what the templates name."""

    def __init__(self, assessment: Assessment, units_not_shown: frozenset[str]) -> None:
        self._assessment, self._units_not_shown = assessment, units_not_shown
        self._by_code = {finding.code or finding.id: finding for finding in assessment.criteria.values()}

    def with_codes(self, codes: Iterable[str]) -> list[CriterionFinding]:
        return [self._by_code[code] for code in codes]

    def codes_in_state(self, prefix: str, state: str) -> list[str]:
        return [finding.code or id for id, finding in self._assessment.criteria.items() if id.startswith(prefix) and finding.state == state]

    def not_held(self) -> list[CriterionFinding]:
        """Criteria of the pathway that are known not to hold; warnings and contradictions apart."""
        apart = (_WARNINGS, _CONTRADICTIONS)
        own = (finding for id, finding in self._assessment.criteria.items() if id.startswith(("pathway.", "shared.")) and not id.startswith(apart))
        return [finding for finding in own if finding.state == "not_met"]

    def packs(self, question: str) -> list[PackFinding]:
        return [pack for pack in self._assessment.packs if pack.question == question]

    def items_behind(self, finding: CriterionFinding) -> list[str]:
        """What the criterion read, itself or by way of the criteria it refers to, in the form's order."""
        read = {name for part in self._with_referred(finding) for name in part.items}
        return [name for name in self._assessment.items if name in read]

    def thresholds_behind(self, finding: CriterionFinding) -> list[ThresholdFinding]:
        """Every limit it compared with, each once."""
        return list(dict.fromkeys(threshold for part in self._with_referred(finding) for threshold in part.thresholds))

    def _with_referred(self, finding: CriterionFinding) -> list[CriterionFinding]:
        found, waiting = {}, [finding]
        while waiting:
            part = waiting.pop()
            if part.id not in found:
                found[part.id] = part
                waiting += [self._assessment.criteria[id] for id in part.refers_to if id in self._assessment.criteria]
        return list(found.values())

    def value(self, name: str) -> str:
        """A value in words, without a unit that the label says already ('8 0-10')."""
        item = self._assessment.items[name]
        return item.text if self.unit(item.unit) or item.value is None else item.text.removesuffix(item.unit).strip()

    def unit(self, unit: str) -> str:
        """A unit with a space before it, or nothing."""
        return f" {unit}" if unit and unit not in self._units_not_shown else ""

    def labels(self, codes: Iterable[str]) -> str:
        return ", ".join(self._assessment.labels[code] for code in codes)

    def item_labels(self, names: Iterable[str]) -> str:
        return ", ".join(self._assessment.items[name].label for name in names)


@lru_cache(maxsize=16)
def _template(directory: str, name: str) -> Template:
    """A template of the rule set in use, or the shipped one where it has none."""
    folders = [FileSystemLoader(Path(folder) / "texts") for folder in (directory, SHIPPED_RULES)]
    # Plain text: nothing is escaped, and nothing of a patient is ever compiled as a template.
    environment = Environment(loader=ChoiceLoader(folders), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.filters["wrapped"] = _wrapped
    return environment.get_template(name)


def _wrapped(text: str, indent: int) -> str:
    """One paragraph within the width; further lines are indented, its own leading spaces kept."""
    lead = text[: len(text) - len(text.lstrip(" "))]
    further, words = " " * max(indent, len(lead)), " ".join(text.split())
    return textwrap.fill(words, WIDTH, initial_indent=lead, subsequent_indent=further, break_long_words=False, break_on_hyphens=False)
