"""The knowledge as Markdown pages, `docs/knowledge`: one for each pack, gate and list, and an index. Words are in `rules/texts/knowledge_*.md.j2`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from engine.errors import UnusableCall
from engine.knowledge import Knowledge, knowledge_of
from engine.knowledge_cases import CaseEntry, cases_beside, named_patients
from engine.knowledge_entries import PackEntry, SectionEntry
from engine.rule_files import SHIPPED_RULES
from engine.ruleset import RuleSet

INDEX = "README.md"
PAGES = "*.md"
SHARED_PAGE = "pathway/shared_criteria.md"
MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>|])")


class Page(NamedTuple):
    """A page by its path under the folder of pages."""

    path: str
    text: str


def knowledge_pages(rules: RuleSet) -> dict[str, str]:
    """Every page of a rule set: Markdown by path under the folder, the same for the same rules."""
    return dict(_Pages(rules).all())


def write_knowledge_pages(rules: RuleSet, folder: Path) -> tuple[Path, ...]:
    """Write the pages, and remove pages of an earlier run that no longer belong. Returns the paths written, in the order of the index.

    Raises UnusableCall when the folder cannot be written to, or holds other Markdown files than such pages.
    """
    pages = knowledge_pages(rules)
    try:
        for path in _outdated(folder, pages):
            path.unlink()
        for name, text in pages.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UnusableCall(f"The pages cannot be written to {folder} ({error.strerror}); choose another folder.") from error
    return tuple(folder / name for name in pages)


def _outdated(folder: Path, pages: Mapping[str, str]) -> list[Path]:
    """Pages that an earlier run wrote and this one does not. A foreign file is never removed: it stops the run."""
    others = [path for path in sorted(folder.rglob(PAGES)) if path.relative_to(folder).as_posix() not in pages]
    mark = next(iter(pages.values())).splitlines()[0]
    for path in others:
        if path.read_text(encoding="utf-8").partition("\n")[0] != mark:
            raise UnusableCall(f"{path} was not made by this command, so the pages are not written beside it; choose another folder.")
    return others


class _Pages:
    """The pages of one rule set."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._knowledge: Knowledge = knowledge_of(rules)
        folders = [FileSystemLoader(Path(folder) / "texts") for folder in (rules.directory, SHIPPED_RULES)]
        # Markdown, escaped by the filter `md` where a text could be read as a sign of it.
        self._templates = Environment(
            loader=ChoiceLoader(folders), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False,
        )
        self._templates.filters["md"] = _escaped

    def all(self) -> Iterator[Page]:
        knowledge = self._knowledge
        yield self._index()
        for pack in knowledge.packs:
            yield self._page(_pack_path(pack), "knowledge_pack", pack=pack, cases=self._cases(pack.file))
        for section in knowledge.sections:
            choices = knowledge.procedure_choice if section.kind == "procedure_choice" else ()
            yield self._page(_section_path(section), "knowledge_section", section=section, choices=choices, cases=self._cases(*section.files))
        yield self._page("scores.md", "knowledge_scores", scores=knowledge.scores, recorded=knowledge.bands)
        gate_labels = {section.id: section.label for section in knowledge.sections}
        yield self._page("conflicts.md", "knowledge_conflicts", matrices=knowledge.matrices, gate_labels=gate_labels)
        yield self._page("thresholds.md", "knowledge_thresholds", thresholds=knowledge.thresholds)
        yield self._page("sources.md", "knowledge_sources", sources=knowledge.sources)
        yield self._page("patients.md", "knowledge_patients", patients=named_patients(self._rules))

    def _index(self) -> Page:
        packs = [(_pack_path(pack), pack) for pack in self._knowledge.packs]
        return self._page(
            INDEX, "knowledge_index", knowledge=self._knowledge, criteria=len(self._rules.criteria), cases=self._case_count(),
            guidelines=[entry for entry in packs if entry[1].question != "trial"], trials=[entry for entry in packs if entry[1].question == "trial"],
            sections=[(_section_path(section), section) for section in self._knowledge.sections],
        )

    def _case_count(self) -> int:
        files = [file for section in self._knowledge.sections for file in section.files] + [pack.file for pack in self._knowledge.packs]
        return len(self._cases(*files))

    def _cases(self, *files: str) -> tuple[CaseEntry, ...]:
        return tuple(case for file in files for case in cases_beside(self._rules, file))

    def _page(self, path: str, template: str, **values: object) -> Page:
        text = self._templates.get_template(f"{template}.md.j2").render(**values)
        return Page(path, _tidied(text))


def _pack_path(pack: PackEntry) -> str:
    return f"{'trials' if pack.question == 'trial' else 'guidelines'}/{pack.id}.md"


def _section_path(section: SectionEntry) -> str:
    if section.kind == "gate":
        return f"pathway/gate_{section.position}_{section.id}.md"
    return SHARED_PAGE if section.kind == "shared" else f"pathway/{section.id}.md"


def _escaped(text: str) -> str:
    """A text of the rules as one line of Markdown that shows exactly that text."""
    return MARKDOWN_SIGNS.sub(r"\\\1", " ".join(text.split()))


def _tidied(text: str) -> str:
    """One empty line between blocks, none at the end."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"
