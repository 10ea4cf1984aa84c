"""Next steps of one patient: referrals and tests by trigger, preparation, aftercare, follow-up, safety net, patient information."""

from __future__ import annotations

from collections.abc import Iterable

from engine.advice_findings import AftercareMessage, NextSteps, Order, Referral, Section
from engine.bleeding_plan import preparation_triggers
from engine.cited import CitedText
from engine.patient_information import PatientInformation
from engine.ruleset import RuleSet
from engine.schema import CriterionForm, FactForm
from engine.situation import Situation, cite, cited_text
from engine.text_schema import TopicFactForm, TriggerStepForm

DURING, AFTER = "during", "after"


class NextStepsPlanner:
    """The texts of one rule set. Made once."""

    def __init__(self, rules: RuleSet) -> None:
        advice = rules.advice
        self._rules, self._form, self._aftercare, self._procedure = rules, advice.next_steps, advice.aftercare, advice.procedure_information
        self._times = {time.id: (rank, time.words) for rank, time in enumerate(self._form.times)}
        steps = {step.code: step for step in self._form.triggers}
        self._referrals = {id: self._referral(id, steps[rules.criteria[id].code]) for id in rules.triggers}
        self._missing = {
            order.item: Order(order.order, (order.item,), cite(rules, order.sources), order.provenance) for order in self._form.order_for_missing
        }
        self._pathway_texts = {text.code: text.text for text in self._form.pathways}
        self._only_with_preparation = preparation_triggers(rules)
        self._preparation = [(fact.when, self._topic(fact)) for fact in self._procedure.preparation]
        self._sections = {section.id: tuple(map(self._fact, section.text)) for section in self._procedure.sections}
        self._messages = [(criterion.when, self._message(criterion)) for criterion in self._aftercare.criteria]
        titles = self._aftercare.section_titles
        self._bone_health = (
            Section("work_up", titles.work_up, tuple(map(self._fact, self._aftercare.work_up))),
            Section("treatment_facts", titles.treatment_facts, tuple(map(self._topic, self._aftercare.treatment_facts))),
        )
        self._follow_up = tuple(map(self._fact, self._aftercare.follow_up))
        self._after = (*self._sections[AFTER], *map(self._fact, self._aftercare.after_procedure))
        net = self._aftercare.safety_net
        self._safety_net = cited_text(rules, net.text, net.sources, net.provenance)
        self._patient = PatientInformation(rules)

    def steps(self, situation: Situation) -> NextSteps:
        """What to do next for one patient. Preparation, during and after appear only when the indication is met."""
        indicated, is_fragility = situation.preparation_counts, situation.applies(self._aftercare.shown_when)
        referrals = self._referrals_of(situation)
        return NextSteps(
            title=self._form.title,
            lead=self._form.lead,
            pathway_text=self._pathway_texts[situation.outcome.pathway],
            referrals=referrals,
            orders=self._orders(referrals, situation.outcome.missing_items),
            preparation=tuple(fact for condition, fact in self._preparation if indicated and situation.applies(condition)),
            during=self._sections[DURING] if indicated else (),
            after=self._after if indicated else (),
            aftercare=tuple(message for condition, message in self._messages if situation.applies(condition)),
            bone_health=self._bone_health if is_fragility else (),
            follow_up=self._follow_up if is_fragility or indicated else (),
            safety_net=self._safety_net,
            telephone_route=self._aftercare.safety_net.telephone_route,
            patient_information=self._patient.sections(situation),
            patient_information_confirmed=self._patient.is_confirmed,
        )

    def _referrals_of(self, situation: Situation) -> tuple[Referral, ...]:
        """Of every met trigger, the fastest first. Preparation that is set aside is nothing to act on now."""
        counted = (id for id in situation.outcome.triggered if situation.preparation_counts or id not in self._only_with_preparation)
        return tuple(sorted((self._referrals[id] for id in counted), key=lambda referral: self._times[referral.how_fast][0]))

    def _orders(self, referrals: Iterable[Referral], missing_items: Iterable[str]) -> tuple[Order, ...]:
        """Tests of the triggers, each once with all its reasons, then tests for missing items."""
        by_text: dict[str, Order] = {}
        for referral in referrals:
            for text in referral.orders:
                earlier = by_text.get(text)
                because = (*earlier.because, referral.code) if earlier else (referral.code,)
                by_text[text] = Order(text, because, earlier.sources if earlier else referral.sources, referral.provenance)
        return (*by_text.values(), *(self._missing[item] for item in missing_items if item in self._missing))

    def _referral(self, id: str, step: TriggerStepForm) -> Referral:
        criterion = self._rules.criteria[id]
        return Referral(
            criterion.code, id, step.refer_to, step.how_fast, self._times[step.how_fast][1], tuple(step.order), criterion.tell, criterion.next_step,
            cite(self._rules, dict.fromkeys(citation.source for citation in criterion.citations)), criterion.provenance,
        )

    def _message(self, criterion: CriterionForm) -> AftercareMessage:
        return AftercareMessage(
            criterion.code, criterion.id, criterion.says, criterion.tell, criterion.note,
            cite(self._rules, [citation.id for citation in criterion.sources]), criterion.provenance,
        )

    def _fact(self, fact: FactForm) -> CitedText:
        return cited_text(self._rules, fact.text, fact.sources, fact.provenance)

    def _topic(self, fact: TopicFactForm) -> CitedText:
        return cited_text(self._rules, fact.text, fact.sources, fact.provenance, fact.topic, fact.note or fact.background)
