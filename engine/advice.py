"""Everything an assessment advises beside its verdicts, for one patient. Made of texts and conditions under `rules/`; changes no answer."""

from __future__ import annotations

from collections.abc import Mapping

from engine.advice_findings import Advice, ScoreLines
from engine.bands import Bands
from engine.bleeding_plan import BleedingPlanner, part_a_is_cleared, preparation_counts
from engine.code_check import CodeCheck, vocabulary_with_lists
from engine.evidence_notes import EvidenceShelf
from engine.medicare_region import MedicareRegions
from engine.next_steps import NextStepsPlanner
from engine.planes import Evaluation, reader_of, single_values
from engine.program import compile_program
from engine.ruleset import RuleSet
from engine.score_lines import ScoreSheet
from engine.situation import Answers, Outcome, PlanesOnDemand, Situation
from engine.truth import Truth
from engine.values import Value


class Adviser:
    """The advice of one rule set. Made once; holds nothing of any patient."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        conditions = list(rules.advice.conditions())
        program = compile_program(rules, (), conditions)
        # A condition is found by its identity: hashing a whole tree for each question would cost more than answering it.
        self._steps = {id(condition): program.condition_steps[condition] for condition in conditions}
        vocabulary = vocabulary_with_lists(rules.vocabulary, rules.advice.code_lists)
        self._readers = [reader_of(step, vocabulary, program.points_tables) for step in program.steps]
        self._scores = [ScoreSheet(rules, bands) for bands in rules.advice.bands.score_bands]
        self._bands, self._bleeding, self._steps_planner = Bands(rules), BleedingPlanner(rules), NextStepsPlanner(rules)
        self._evidence, self._regions, self._codes = EvidenceShelf(rules), MedicareRegions(rules), CodeCheck(rules)

    def advice(self, evaluation: Evaluation, recorded: Mapping[str, Value], outcome: Outcome) -> Advice:
        """The advice for one patient. evaluation: that of the columnar evaluator, whose columns (length 1) are read, derived ones too."""
        situation, columns = self._situation(evaluation, recorded, outcome), evaluation.columns
        return Advice(
            score_lines=ScoreLines(tuple(sheet.of(columns) for sheet in self._scores), self._bands.of(situation.answers)),
            bleeding_plan=self._bleeding.plan(situation),
            next_steps=self._steps_planner.steps(situation),
            evidence=self._evidence.notes(situation),
            coverage_notice=self._regions.notice(recorded),
            code_warnings=self._codes.warnings(situation),
        )

    def _situation(self, evaluation: Evaluation, recorded: Mapping[str, Value], outcome: Outcome) -> Situation:
        by_name = self._codes.with_lists(evaluation.by_name, recorded)
        planes = PlanesOnDemand(self._readers, single_values(by_name))
        counts = preparation_counts(self._rules, outcome.pathway, lambda id: outcome.state(id) is Truth.MET)
        return Situation(recorded, outcome, Answers(self._steps, planes), counts, counts and part_a_is_cleared(self._rules, outcome.state))
