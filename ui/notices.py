"""What stands above every answer, whatever else is missing: recorded emergencies and an unstable spine."""

from __future__ import annotations

import streamlit as st

from engine.assessment import Assessment, CriterionFinding
from ui.basis import finding_of, is_recorded, reason
from ui.knowledge import texts


def notices(assessment: Assessment) -> list[CriterionFinding]:
    """The criteria to show, emergencies first."""
    wanted = texts("notices")
    emergencies = [id for gate in assessment.gates if gate.code in wanted["gates"] for id in gate.triggered]
    found = [assessment.criteria[id] for id in emergencies]
    for code in wanted["criteria"]:
        finding = finding_of(assessment, code)
        if finding.state == "met" or _not_cleared_yet(assessment, finding):
            found.append(finding)
    return found


def _not_cleared_yet(assessment: Assessment, finding: CriterionFinding) -> bool:
    recorded = texts("notices")["until_cleared"].get(finding.code)
    return bool(recorded) and finding.state == "unknown" and all(is_recorded(assessment, name, value) for name, value in recorded.items())


def show_notices(assessment: Assessment) -> None:
    """One alert with a line for each; nothing when there is none."""
    found = notices(assessment)
    if found:
        lines = "\n\n".join(f"**{finding.code}: {_sentence(assessment, finding)}.** {finding.next_step}" for finding in found)
        st.error(lines, icon=":material/warning:")


def _sentence(assessment: Assessment, finding: CriterionFinding) -> str:
    """An unsettled F4 is shown by its own text, not as a doubt about it."""
    return reason(assessment, finding) if finding.state == "met" else finding.says
