"""Which Medicare policy the state of service leads to, how well that is known, and the prior-authorisation notice."""

from __future__ import annotations

from collections.abc import Mapping

from engine.advice_findings import CoverageNotice
from engine.cited import CitedText
from engine.reference_schema import RegionForm
from engine.ruleset import RuleSet
from engine.situation import cite, cited_text
from engine.values import Value

STATE_ITEM = "service_state"


class MedicareRegions:
    """The region map of one rule set. Made once."""

    def __init__(self, rules: RuleSet) -> None:
        self._form = form = rules.advice.medicare_regions
        self._sources = {region.code: cite(rules, [region.lcd_text.source])[0] for region in form.regions}
        self._of_state = {state: region for region in form.regions for state in region.states}
        wiser = form.prior_authorisation
        duration = f"{wiser.mark}; {wiser.duration} from {wiser.start}"
        self._prior = cited_text(rules, wiser.text, [wiser.source], wiser.provenance, wiser.name, duration)

    def notice(self, recorded: Mapping[str, Value]) -> CoverageNotice:
        """The notice for the state of service; a blank state says so and names no contractor."""
        state = recorded.get(STATE_ITEM)
        if state is None:
            return CoverageNotice("", self._form.blank_code, "", "", "", self._form.blank_text, None, "", "", "", None, ())
        return self._for(str(state), self._of_state[str(state)])

    def _for(self, state: str, region: RegionForm) -> CoverageNotice:
        prior = self._prior_authorisation(state)
        return CoverageNotice(
            state, region.code, region.policy_name, region.lcd, region.contractor, region.text, self._sources[region.code],
            region.lcd_text.provenance, region.map.provenance, self._form.recalled_text if state in region.map.recalled_states else "",
            prior, tuple(self._form.prior_authorisation.cpt_codes) if prior else (),
        )

    def _prior_authorisation(self, state: str) -> CitedText | None:
        return self._prior if state in self._form.prior_authorisation.states else None
