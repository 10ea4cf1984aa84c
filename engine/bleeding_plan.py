"""The bleeding plan: values against their limits, the interval of each recorded antithrombotic by each source, and what to correct.

Intervals are shown only when the procedure is otherwise indicated, always as 'hold interval X per SOURCE (year), prescriber to confirm'.
The table is `rules/reference/bleeding.yaml`, the words are `rules/texts/bleeding_plan.yaml`.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.advice_findings import Barrier, BleedingPlan, DrugPlan, IntervalRow, LaboratoryFinding, SourceInterval, Span
from engine.bleeding_schema import DrugForm, IntervalRowForm, LaboratoryForm, SourceIntervalForm, SpanForm
from engine.cited import CitedText
from engine.ruleset import AUGMENTATION, CORRECT_FIRST, Branch, RuleSet
from engine.situation import Situation, cite, cited_text
from engine.templates import number_words
from engine.truth import Truth

BY_SOURCE = {"sir": ("sir",), "asra": ("asra",), "both": ("sir", "asra")}
HOURS_PER_DAY = 24
ROW, CLEARANCE_BLANK, OUTSIDE_TABLE, NO_INTERVAL = "row", "clearance_not_recorded", "outside_table", "no_interval"


class BleedingPlanner:
    """The table of one rule set with its sentences written. Made once."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules, self._table, self._words = rules, rules.advice.bleeding, rules.advice.bleeding_plan
        table = self._table
        self._drugs = {"anticoagulant": table.anticoagulants, "antiplatelets": table.antiplatelets}
        self._rows = {row.id: self._row(row) for drugs in self._drugs.values() for drug in drugs for row in drug.rows}
        self._conflict = cited_text(rules, table.restart_conflict.text, table.restart_conflict.sources, table.restart_conflict.provenance)
        print_as = table.how_to_print
        self._reminder = cited_text(
            rules, print_as.always_add, print_as.always_add_sources, print_as.always_add_provenance, note=print_as.always_add_note,
        )
        self._shown_only = cited_text(rules, print_as.shown_only, print_as.default_sources, print_as.default_provenance)
        set_aside = rules.criteria[self._words.set_aside_note]
        self._set_aside = cited_text(rules, set_aside.tell, [citation.source for citation in set_aside.citations], set_aside.provenance)
        self._facts = tuple(self._general_facts())
        self._goals = {goal.code: goal.goal for goal in self._words.goals}
        self._part_a, self._part_b = (branch.criteria for branch in _branches_of_gate_3(rules))

    def plan(self, situation: Situation) -> BleedingPlan:
        """The plan of one patient; without intervals unless the procedure is otherwise indicated."""
        drugs = tuple(self._drug(item, form, situation) for item, forms in self._drugs.items() for form in forms if _takes(situation, item, form))
        shown = drugs if situation.is_indicated else ()
        return BleedingPlan(
            title=self._table.title,
            is_indicated=situation.is_indicated,
            lead=self._lead(situation),
            notes=self._notes(situation, drugs),
            laboratory=tuple(self._laboratory(form, situation) for form in self._table.laboratory_limits if _is_asked(form, situation)),
            drugs=shown,
            longest=self._longest(shown),
            hold_status=self._hold_status(situation) if shown else "",
            reminder=self._reminder if shown else None,
            facts=self._facts if shown else (),
            to_correct=tuple(self._barrier(id) for id in self._barriers(situation)),
            sign_off=self._table.sign_off,
        )

    def _lead(self, situation: Situation) -> str:
        if situation.is_indicated:
            return self._words.indicated
        return self._words.infection_or_tumour_open if situation.preparation_counts else self._words.not_indicated

    def _notes(self, situation: Situation, drugs: tuple[DrugPlan, ...]) -> tuple[CitedText, ...]:
        """In place of a plan: the warning that sets the preparation aside, else that nothing is to be changed."""
        if situation.preparation_counts:
            return ()
        if situation.outcome.state(self._words.set_aside_note) is Truth.MET:
            return (self._set_aside,)
        return (self._shown_only,) if drugs else ()

    # Drugs

    def _drug(self, item: str, form: DrugForm, situation: Situation) -> DrugPlan:
        state, message, row = self._row_of(form, situation)
        conflict = self._conflict if form.code in self._table.restart_conflict.applies_to else None
        return DrugPlan(item, form.code, form.name, state, message, self._rows[row] if row else None, form.information, conflict)

    def _row_of(self, form: DrugForm, situation: Situation) -> tuple[str, str, str]:
        """State, message and row id: outside the table first, then the row whose condition is met, else the row for a blank clearance."""
        answers, rules = situation.answers, self._table.rules
        if not form.rows:
            return NO_INTERVAL, form.no_interval_text, ""
        if form.outside_table_when is not None and answers.is_met(form.outside_table_when):
            return OUTSIDE_TABLE, rules.outside_table.text, ""
        met = next((row.id for row in form.rows if answers.is_met(row.when)), "")
        if met:
            return ROW, "", met
        if form.clearance_blank_row and any(answers.is_unknown(row.when) for row in form.rows):
            return CLEARANCE_BLANK, rules.clearance_blank.text, form.clearance_blank_row
        return OUTSIDE_TABLE, rules.outside_table.text, ""

    def _row(self, form: IntervalRowForm) -> IntervalRow:
        default = form.default
        source = " and ".join(getattr(self._table.source_years, name) for name in BY_SOURCE[default.per])
        sentence = self._words.sentences.default.format(hold=default.words, source=source, restart=default.restart)
        return IntervalRow(
            id=form.id, columns=tuple(self._column(name, getattr(form, name)) for name in ("sir", "asra")),
            default_hold=default.words, default_source=source, default_doses=default.doses, default_days=default.days, default_hours=default.hours,
            default_restart=default.restart, default_note=default.note, default_sentence=f"{sentence} {default.note}".strip(),
            sources=cite(self._rules, form.sources), provenance=form.provenance,
        )

    def _column(self, name: str, form: SourceIntervalForm) -> SourceInterval:
        source, hold, restart = getattr(self._table.source_years, name), form.hold, form.restart
        words = hold.words
        if hold.doses and hold.days:
            words = self._words.sentences.doses_in_days.format(words=words, days=_span_words(hold.days))
        has_interval = hold.doses or hold.days or hold.hours
        sentence = self._table.how_to_print.sentence.format(hold=words, source=source) if has_interval else (
            self._words.sentences.words_only.format(source=source, words=words))
        return SourceInterval(
            source, hold.words, hold.remark, _span(hold.doses), _span(hold.days), _span(hold.hours), f"{sentence} {hold.remark}".strip(),
            restart.words, _span(restart.hours), self._words.sentences.restart.format(source=source, words=restart.words),
        )

    def _longest(self, drugs: tuple[DrugPlan, ...]) -> str:
        """With several drugs: the longest default of those that have one, and which have none."""
        if len(drugs) < 2:
            return ""
        sentences = self._words.sentences
        with_row = [drug for drug in drugs if drug.row is not None]
        parts = []
        if with_row:
            longest = max(with_row, key=lambda drug: _hours(drug.row))
            parts.append(sentences.longest.format(hold=longest.row.default_hold, drug=longest.name))
        without = [drug.name for drug in drugs if drug.row is None]
        if without:
            parts.append(sentences.longest_incomplete.format(drugs=", ".join(without)))
        return " ".join([*parts, self._table.rules.several_drugs.text])

    def _hold_status(self, situation: Situation) -> str:
        return next((status.text for status in self._words.hold_status if situation.answers.is_met(status.when)), self._words.hold_status_blank)

    def _general_facts(self) -> list[CitedText]:
        table, rules = self._table, self._rules
        print_as = table.how_to_print
        return [
            cited_text(rules, table.procedure_class, table.procedure_class_sources, "read"),
            cited_text(
                rules, f"{print_as.columns} {print_as.default}", print_as.default_sources, print_as.default_provenance, note=print_as.default_note,
            ),
            *(cited_text(rules, rule.text, rule.sources, rule.provenance) for rule in (table.rules.ranges, table.rules.restart, table.rules.years)),
            *(cited_text(rules, fact.text, fact.sources, fact.provenance) for fact in (*table.laboratory_notes, *table.not_asked, table.reversal)),
            cited_text(rules, table.release_note, table.procedure_class_sources, "secondary"),
        ]

    # Laboratory values

    def _laboratory(self, form: LaboratoryForm, situation: Situation) -> LaboratoryFinding:
        state = _laboratory_state(form, situation)
        if state == "correct_first" and not situation.preparation_counts:
            state = "outside"
        return LaboratoryFinding(
            form.id, form.test, form.item, state, getattr(self._words.laboratory_states, state), form.within, form.warning, form.correct_first,
            self._words.laboratory_undecided if state == "undecided" else "", cite(self._rules, form.sources), form.provenance,
        )

    # Barriers

    def _barriers(self, situation: Situation) -> list[str]:
        """Met triggers of gate 3 that make the pathway `correct_first`: part A; part B only when none of part A is met."""
        if situation.outcome.pathway != CORRECT_FIRST:
            return []
        counted = self._part_b if situation.preparation_counts else self._part_a
        return [id for id in counted if situation.outcome.state(id) is Truth.MET]

    def _barrier(self, id: str) -> Barrier:
        criterion = self._rules.criteria[id]
        return Barrier(criterion.code, id, criterion.says, self._goals[criterion.code], criterion.next_step)


def preparation_triggers(rules: RuleSet) -> frozenset[str]:
    """Part B of gate 3: counted only when gates 4 to 7 are cleared."""
    return frozenset(_branches_of_gate_3(rules)[1].criteria)


def preparation_counts(rules: RuleSet, pathway: str, is_met: Callable[[str], bool]) -> bool:
    """Whether the indication is met: augmentation, or `correct_first` without a met trigger of part A."""
    part_a = _branches_of_gate_3(rules)[0].criteria
    return pathway == AUGMENTATION or (pathway == CORRECT_FIRST and not any(map(is_met, part_a)))


def part_a_is_cleared(rules: RuleSet, state: Callable[[str], Truth]) -> bool:
    """Whether infection and tumour are excluded."""
    return all(state(id) is Truth.NOT_MET for id in _branches_of_gate_3(rules)[0].criteria)


def _branches_of_gate_3(rules: RuleSet) -> tuple[Branch, ...]:
    return tuple(branch for branch in rules.pathway.branches if branch.outcome == CORRECT_FIRST)


def _takes(situation: Situation, item: str, drug: DrugForm) -> bool:
    """Whether this drug is recorded; one drug or a list of drugs."""
    recorded = situation.recorded.get(item)
    return drug.code in recorded if isinstance(recorded, tuple) else drug.code == recorded


def _is_asked(form: LaboratoryForm, situation: Situation) -> bool:
    return situation.applies(form.shown_when) and (form.hidden_when is None or not situation.answers.is_met(form.hidden_when))


def _laboratory_state(form: LaboratoryForm, situation: Situation) -> str:
    answers = situation.answers
    if form.item not in situation.recorded:
        return "not_recorded"
    if answers.is_met(form.correct_first_when):
        return "correct_first"
    if not answers.is_not_met(form.correct_first_when):
        return "undecided"
    return "warning" if form.warning_when is not None and answers.is_met(form.warning_when) else "within"


def _hours(row: IntervalRow) -> float:
    """Length of the default interval, to find the longest; an interval given in doses also has hours or days."""
    return max((row.default_days or 0) * HOURS_PER_DAY, row.default_hours or 0)


def _span(form: SpanForm | None) -> Span | None:
    return None if form is None else Span(form.start, form.end)


def _span_words(form: SpanForm) -> str:
    start, end = number_words(form.start), number_words(form.end)
    return start if start == end else f"{start} to {end}"
