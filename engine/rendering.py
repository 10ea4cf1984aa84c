"""An assessment in plain text: the whole explanation, and a short note for the record. Made from the value; words are in `rules/texts`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template

from engine.advice_findings import Order
from engine.assessment import Assessment, CriterionFinding, PackFinding, ThresholdFinding, VerdictFinding
from engine.cited import SourceFinding
from engine.loading import load_rules
from engine.margins import Margin
from engine.outlook import Outlook
from engine.rule_files import SHIPPED_RULES
from engine.ruleset import RuleSet

WIDTH = 110
POSITIVE_VERDICTS = ("supports", "optional")
CORRECT_FIRST = "correct_first"
FRAGILITY = "shared.fragility_cause"
_WARNINGS, _CONTRADICTIONS = "pathway.warning.", "pathway.contradiction."


def render_text(assessment: Assessment, rules: RuleSet | None = None, outlook: Outlook | None = None) -> str:
    """Everything that the assessment says, held and not held, with values, thresholds and sources; with an outlook, what it hangs on."""
    return _rendered("assessment.txt.j2", assessment, rules or load_rules(), outlook)


def render_note(assessment: Assessment, rules: RuleSet | None = None) -> str:
    """A short note for the record: the answer, its reason, next steps, what is still needed, warnings, verdicts, versions, sign-off."""
    return _rendered("note.txt.j2", assessment, rules or load_rules(), None)


def needs_dissent_note(assessment: Assessment) -> bool:
    """Whether something positive is said about a fracture that is, or may be, osteoporotic: then the other view stands beside it."""
    fragility = assessment.criteria.get(FRAGILITY)
    is_positive = bool(assessment.procedure) or any(
        verdict.verdict in POSITIVE_VERDICTS for pack in assessment.packs if pack.question != "trial" for verdict in pack.verdicts
    )
    return is_positive and (fragility is None or fragility.state != "not_met")


def _rendered(name: str, assessment: Assessment, rules: RuleSet, outlook: Outlook | None) -> str:
    texts = rules.texts
    words = _Words(assessment, frozenset(texts["interface"]["inputs"]["units_not_shown"]))
    return _template(rules.directory, name).render(
        a=assessment,
        outlook=outlook,
        basis=texts["interface"]["provenance_words"],
        change_kinds=texts["interface"]["change"]["kinds"],
        settles=texts["interface"]["guidelines"]["settles"],
        only_preparation=texts["interface"]["answer"]["only_preparation"] if assessment.procedure and assessment.pathway == CORRECT_FIRST else "",
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
        because=words.because,
        without_silent_unit=words.without_silent_unit,
        after_move=words.after_move,
        column_names=words.column_names(),
        sources_named=words.sources_named(),
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

    def without_silent_unit(self, name: str, text: str) -> str:
        """A number in words without a unit that the label says already."""
        unit = self._assessment.items[name].unit
        return text if self.unit(unit) else text.removesuffix(unit).strip()

    def because(self, order: Order) -> str:
        """The codes of the triggers behind a test, or the items that are not recorded."""
        items = self._assessment.items
        blank = [items[reason].label for reason in order.because if reason in items]
        return f"not recorded: {', '.join(blank)}" if blank else ", ".join(order.because)

    def column_names(self) -> dict[str, str]:
        """Verdict columns by the name of the guideline, and of the procedure where it has several answers."""
        return {verdict.column: self._column_name(pack, verdict) for pack in self._assessment.packs for verdict in pack.verdicts}

    def _column_name(self, pack: PackFinding, verdict: VerdictFinding) -> str:
        return f"{pack.name}, {self.labels(verdict.procedures)}" if len(pack.verdicts) > 1 else pack.name

    def after_move(self, margin: Margin) -> str:
        """The answers just across a border."""
        names, labels = self.column_names(), self._assessment.labels
        pathway = [f"pathway: {labels[margin.pathway]}"] if margin.pathway else []
        return "; ".join([*pathway, *(f"{names[column]}: {labels[verdict]}" for column, verdict in margin.verdicts.items())])

    def sources_named(self) -> list[SourceFinding]:
        """Every source that the advice names by its short name, each once, by that name."""
        return sorted({source.id: source for source in self._advice_sources()}.values(), key=lambda source: source.id)

    def _advice_sources(self) -> Iterator[SourceFinding]:
        a = self._assessment
        plan, steps, evidence = a.bleeding_plan, a.next_steps, a.evidence
        cited = [
            *plan.notes, *plan.facts, *filter(None, (plan.reminder, evidence.dissent_note, a.coverage_notice.prior_authorisation)),
            *steps.preparation, *steps.during, *steps.after, *steps.follow_up, steps.safety_net, *evidence.conflict, *evidence.condition_facts,
            *(text for section in (*steps.bone_health, *steps.patient_information) for text in section.texts),
            *(drug.restart_conflict for drug in plan.drugs if drug.restart_conflict), *(drug.row for drug in plan.drugs if drug.row),
            *plan.laboratory, *steps.referrals, *steps.orders, *steps.aftercare, *evidence.benefit, *evidence.harm,
        ]
        for finding in cited:
            yield from finding.sources
        yield from (one.source for one in (*a.score_lines.scores, *a.score_lines.bands, *a.code_warnings))
        if a.coverage_notice.source:
            yield a.coverage_notice.source


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
