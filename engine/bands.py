"""Words for recorded values: Genant grade, SINS band, epidural band, acuity (`rules/reference/bands.yaml`). Display only."""

from __future__ import annotations

from engine.advice_findings import BandFinding
from engine.conditions import Condition
from engine.reference_schema import BandForm, BandRowForm
from engine.ruleset import RuleSet
from engine.situation import Answers, cite


class Bands:
    """The bands of one rule set, ready to be looked up."""

    def __init__(self, rules: RuleSet) -> None:
        self._rows: list[list[tuple[Condition, BandFinding]]] = [
            [(row.when, _finding(rules, band, row)) for row in band.rows] for band in rules.advice.bands.bands
        ]

    def of(self, answers: Answers) -> tuple[BandFinding, ...]:
        """The band of each recorded value; a value that is not recorded, or lies in no band, has none."""
        return tuple(finding for rows in self._rows for condition, finding in rows if answers.is_met(condition))


def _finding(rules: RuleSet, band: BandForm, row: BandRowForm) -> BandFinding:
    (source,) = cite(rules, [band.source])
    return BandFinding(band.id, band.label, band.item, row.grade, row.label, row.text, band.note, source, band.provenance)
