"""Information for the patient by pathway, in plain words: templates of `rules/texts/patient_information.yaml` with their fields filled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.advice_findings import Section
from engine.cited import CitedText
from engine.ruleset import CORRECT_FIRST, RuleSet
from engine.situation import Situation, cited_text
from engine.text_schema import PatientBoneHealthForm, PatientPathwayForm, PatientPreparationForm

RESULT, BONE_HEALTH, SAFETY_NET = "your_result", "bone_health", "safety_net"


class PatientInformation:
    """The texts of one rule set. Made once; `is_confirmed` says whether a clinician has confirmed all of them."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules, self._form = rules, rules.advice.patient_information
        procedure = rules.advice.procedure_information
        self._route = rules.advice.aftercare.safety_net.telephone_route
        self._by_pathway = {pathway.code: self._templates(pathway) for pathway in self._form.pathways}
        self._preparation, self._bone_health = self._templates(self._form.preparation), self._templates(self._form.bone_health)
        self._net = cited_text(rules, self._form.safety_net, self._form.safety_net_sources, self._form.safety_net_provenance)
        self._with_procedure = {pathway.code for pathway in self._form.pathways if pathway.procedure_sections}
        self._procedure = tuple(
            Section(section.id, section.title, tuple(cited_text(rules, fact.text, fact.sources, fact.provenance) for fact in section.text))
            for section in procedure.sections
        )
        self.is_confirmed = self._form.confirmed_by_a_clinician and procedure.confirmed_by_a_clinician

    def sections(self, situation: Situation) -> tuple[Section, ...]:
        """The sections for one patient: the result, the procedure where it is indicated, bone health, the safety net."""
        form, fields = self._form, self._fields(situation)
        result, with_procedure = self._result(situation)
        sections = [Section(RESULT, form.title, _filled(result, fields))]
        sections += self._procedure if with_procedure else ()
        if situation.applies(form.bone_health.when):
            sections.append(Section(BONE_HEALTH, form.bone_health.title, _filled(self._bone_health, fields)))
        return (*sections, Section(SAFETY_NET, form.safety_net_title, _filled([self._net], fields)))

    def _result(self, situation: Situation) -> tuple[tuple[CitedText, ...], bool]:
        """The text of the pathway, or of the preparation where only that is open; and whether the procedure is explained with it."""
        pathway = situation.outcome.pathway
        if pathway == CORRECT_FIRST and situation.preparation_counts:
            return self._preparation, self._form.preparation.procedure_sections
        return self._by_pathway[pathway], pathway in self._with_procedure

    def _templates(self, block: PatientPathwayForm | PatientPreparationForm | PatientBoneHealthForm) -> tuple[CitedText, ...]:
        return tuple(cited_text(self._rules, paragraph.text, paragraph.sources, paragraph.provenance) for paragraph in block.paragraphs)

    def _fields(self, situation: Situation) -> dict[str, str]:
        levels, procedure = self._form.fields_.levels, self._form.fields_.procedure
        recorded = situation.recorded.get(levels.item)
        return {
            "levels": levels.words.format(value=", ".join(recorded)) if recorded else levels.blank,
            "procedure": procedure.choices.get(situation.outcome.procedure, procedure.blank),
            "telephone_route": self._route,
        }



def _filled(templates: Iterable[CitedText], fields: dict[str, str]) -> tuple[CitedText, ...]:
    return tuple(replace(template, text=template.text.format_map(fields)) for template in templates)
