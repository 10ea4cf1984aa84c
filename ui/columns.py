"""How the verdict columns of guidelines are named for people: by the guideline, and by the procedure where it has more than one answer."""

from __future__ import annotations

from engine.assessment import Assessment
from engine.evaluator import Evaluator


def column_names(evaluator: Evaluator, assessment: Assessment) -> dict[str, str]:
    """Name by column, in the order of the guidelines."""
    return {
        verdicts.column: pack.name + (f", {_procedures(verdicts.procedures, assessment)}" if len(pack.verdicts) > 1 else "")
        for pack in evaluator.packs for verdicts in pack.verdicts
    }


def _procedures(procedures: tuple[str, ...], assessment: Assessment) -> str:
    return " and ".join(assessment.labels[procedure].lower() for procedure in procedures)
