"""What must fit together between the files of texts and reference and the rest of the rule set: every drug, trigger, pathway and state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from engine.advice_rules import AdviceRules
from engine.mistakes import Mistake, nearest
from engine.ruleset import CORRECT_FIRST
from engine.text_reading import TextFile
from engine.vocabulary import Vocabulary
from engine.yaml_files import line_of


@dataclass(frozen=True)
class Surroundings:
    """What the texts speak about: the items, the codes of the pathways, the codes of triggers for each gate, scores and criteria."""

    vocabulary: Vocabulary
    pathways: tuple[str, ...]
    triggers: Mapping[str, tuple[str, ...]]
    scores: tuple[str, ...]
    criteria: frozenset[str]


@dataclass(frozen=True)
class TextChecks:
    """Checks one set of files and reports each mistake."""

    advice: AdviceRules
    files: Mapping[str, TextFile]
    around: Surroundings
    report: Callable[[Mistake], None]

    def run(self) -> None:
        self._check_bands()
        self._check_drugs("anticoagulants", "anticoagulant")
        self._check_drugs("antiplatelets", "antiplatelets")
        self._check_next_steps()
        self._check_goals()
        self._check_patient_information()
        self._check_regions()
        self._check_codes()
        note = self.advice.bleeding_plan.set_aside_note
        self._check_known("texts/bleeding_plan.yaml", ("set_aside_note",), note, self.around.criteria, "criterion")

    def _mistake(self, file: str, path: tuple[str | int, ...], rule: str, message: str) -> None:
        self.report(Mistake(self.files[file].name, line_of(self.files[file].raw, path), rule, message))

    def _check_known(self, file: str, path: tuple[str | int, ...], name: str, known: Iterable[str], what: str) -> None:
        if name not in set(known):
            self._mistake(file, path, name, f"unknown {what} '{name}'.{nearest(name, known)}")

    def _check_complete(self, file: str, path: tuple[str | int, ...], given: Iterable[str], wanted: Iterable[str], what: str) -> None:
        """Each of `wanted` once, and nothing else."""
        given = list(given)
        for code in [code for code in wanted if code not in given]:
            self._mistake(file, path, code, f"there is no entry for the {what} '{code}'.")
        for index, code in enumerate(given):
            self._check_known(file, (*path, index), code, wanted, what)
            if code in given[:index]:
                self._mistake(file, (*path, index), code, f"the {what} '{code}' has two entries.")

    def _check_bands(self) -> None:
        file = "reference/bands.yaml"
        for index, band in enumerate(self.advice.bands.bands):
            self._check_known(file, ("bands", index, "item"), band.item, self.around.vocabulary.names, "item")
        for index, band in enumerate(self.advice.bands.score_bands):
            self._check_known(file, ("score_bands", index, "score"), band.score, self.around.scores, "score")

    def _check_drugs(self, key: str, item: str) -> None:
        file, drugs = "reference/bleeding.yaml", getattr(self.advice.bleeding, key)
        codes = [code for code in self.around.vocabulary[item].codes if code != "none"]
        self._check_complete(file, (key,), [drug.code for drug in drugs], codes, item)
        for index, drug in enumerate(drugs):
            if drug.clearance_blank_row and drug.clearance_blank_row not in [row.id for row in drug.rows]:
                self._mistake(file, (key, index, "clearance_blank_row"), drug.code, f"this drug has no row '{drug.clearance_blank_row}'.")
            if not drug.rows and not drug.no_interval_text:
                self._mistake(file, (key, index), drug.code, "a drug without rows says so in 'no_interval_text'.")

    def _check_next_steps(self) -> None:
        file, form = "texts/next_steps.yaml", self.advice.next_steps
        codes = [code for gate in self.around.triggers.values() for code in gate]
        self._check_complete(file, ("triggers",), [step.code for step in form.triggers], codes, "trigger")
        self._check_complete(file, ("pathways",), [text.code for text in form.pathways], self.around.pathways, "pathway")
        times = [time.id for time in form.times]
        for index, step in enumerate(form.triggers):
            self._check_known(file, ("triggers", index, "how_fast"), step.how_fast, times, "time")
        for index, order in enumerate(form.order_for_missing):
            self._check_known(file, ("order_for_missing", index, "item"), order.item, self.around.vocabulary.names, "item")

    def _check_goals(self) -> None:
        goals = [goal.code for goal in self.advice.bleeding_plan.goals]
        self._check_complete("texts/bleeding_plan.yaml", ("goals",), goals, self.around.triggers.get(CORRECT_FIRST, ()), "trigger")

    def _check_patient_information(self) -> None:
        file, form = "texts/patient_information.yaml", self.advice.patient_information
        self._check_complete(file, ("pathways",), [pathway.code for pathway in form.pathways], self.around.pathways, "pathway")
        item = form.fields_.levels.item
        self._check_known(file, ("fields", "levels", "item"), item, self.around.vocabulary.names, "item")

    def _check_regions(self) -> None:
        """The states stand twice, here with their provenance and in the vocabulary; they must be the same."""
        file, regions = "reference/medicare_regions.yaml", self.advice.medicare_regions.regions
        made_from = self.around.vocabulary.derived["policy_region"].made_from
        self._check_complete(file, ("regions",), [region.code for region in regions], list(made_from), "region")
        for index, region in enumerate(regions):
            if set(region.states) != set(made_from.get(region.code, ())):
                self._mistake(file, ("regions", index, "states"), region.code, "these are not the states of this region in vocabulary.yaml.")
            for state in region.map.recalled_states:
                self._check_known(file, ("regions", index, "map"), state, region.states, "state")

    def _check_codes(self) -> None:
        file, form = "reference/code_lists.yaml", self.advice.code_lists
        known = [*form.lists, form.code_in_no_list]
        for index, warning in enumerate(form.warnings):
            for name in warning.names:
                self._check_known(file, ("warnings", index, "names"), name, known, "list")
            if warning.while_blank:
                self._check_known(file, ("warnings", index, "while_blank"), warning.while_blank, self.around.vocabulary.names, "item")
        for name in form.article_lists:
            self._check_known(file, ("article_lists",), name, form.lists, "list")
        for index, group in enumerate(form.icd10_cm.groups):
            for name in filter(None, (group.one_of, group.and_one_of)):
                self._check_known(file, ("icd10_cm", "groups", index), name, form.lists, "list")
