"""docs/knowledge is made from rules/ and says everything that a pack, a gate and a limit rest on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine import conditions as c
from engine.cli import app
from engine.condition_words import ConditionWords
from engine.errors import UnusableCall
from engine.knowledge import knowledge_of
from engine.knowledge_pages import INDEX, knowledge_pages, write_knowledge_pages
from engine.loading import read_rules
from engine.rule_choice import unproved_rules_at

ROOT = Path(__file__).parent.parent
RULES = read_rules()
WORDS = ConditionWords(RULES)
PAGES = knowledge_pages(RULES)
KNOWLEDGE = knowledge_of(RULES)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def pack_page(id: str) -> str:
    return next(text for path, text in PAGES.items() if path.endswith(f"/{id}.md"))


def escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(text.split()))


def test_the_pages_in_docs_are_those_of_the_rules():
    folder = ROOT / "docs/knowledge"
    written = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.md")}
    assert written.keys() == PAGES.keys(), "run `python -m engine knowledge-pages`"
    assert [path for path in PAGES if written[path] != PAGES[path]] == [], "run `python -m engine knowledge-pages`"


@pytest.mark.parametrize("pack", KNOWLEDGE.packs, ids=lambda pack: pack.id)
def test_the_page_of_a_pack_has_its_criteria_limits_sources_branches_and_what_is_not_checked(pack):
    page = pack_page(pack.id)
    assert escaped(pack.scope) in page and escaped(pack.missing_data) in page and pack.checked in page
    for criterion in pack.criteria:
        assert f"`{criterion.id}`" in page and escaped(criterion.says) in page and escaped(criterion.says_not) in page
        for limit in criterion.thresholds:
            assert f"**{limit.value}**: register `{limit.name}`" in page
        for source in criterion.sources:
            assert source.address in page and escaped(source.section) in page
    for verdicts in pack.verdicts:
        places = [page.index(f"| {number} | {escaped(branch.says) or 'Otherwise'}", page.index(f"`{verdicts.column}`"))
                  for number, branch in enumerate(verdicts.branches, start=1)]
        assert places == sorted(places)
    for text in (*pack.not_checked, *pack.switched_off, *pack.notes):
        assert escaped(text) in page


def test_what_was_not_read_in_its_source_is_listed_as_unconfirmed():
    for entry in (*KNOWLEDGE.packs, *KNOWLEDGE.sections):
        listed = {row.id for row in entry.unconfirmed if row.kind == "criterion"}
        assert listed == {criterion.id for criterion in entry.criteria if RULES.criteria[criterion.id].provenance != "read"}


def test_a_pack_names_where_others_say_something_else():
    aaos = next(pack for pack in KNOWLEDGE.packs if pack.id == "aaos_2010")
    procedures = next(conflict for conflict in aaos.conflicts if conflict.row == "kyphoplasty_and_vertebroplasty")
    assert procedures.own.text == "against vertebroplasty, kyphoplasty an option"
    assert dict(procedures.others)["MSAC"].text == "vertebroplasty only"
    assert "MSAC: vertebroplasty only" in pack_page("aaos_2010")


def test_what_is_only_recalled_is_marked_in_the_conflicts():
    assert "any (recalled, not confirmed)" in PAGES["conflicts.md"]


def test_the_index_leads_to_every_page_and_no_link_between_pages_is_broken():
    for path, text in PAGES.items():
        for target in LINK.findall(text):
            if not target.startswith("http"):
                reached = (Path("/") / path).parent / target.partition("#")[0]
                assert reached.resolve().relative_to("/").as_posix() in PAGES, f"{path}: {target}"
    assert {target for target in LINK.findall(PAGES[INDEX])} == PAGES.keys() - {INDEX}


def test_every_row_of_a_table_has_the_cells_of_its_heading():
    for path, text in PAGES.items():
        cells = 0
        for line in text.splitlines():
            if line.startswith("|"):
                count = len(re.findall(r"(?<!\\)\|", line))
                cells = cells or count
                assert count == cells, f"{path}: {line[:80]}"
            else:
                cells = 0


def test_every_case_of_the_rules_stands_on_a_page():
    from engine.case_reading import read_cases

    together = "\n".join(PAGES.values())
    assert [case.name for case in read_cases(RULES) if f"| {escaped(case.name)} |" not in together] == []


def test_every_condition_is_worded_without_names_of_items_or_codes_of_the_program():
    names = {name for name in (*RULES.vocabulary.names, *RULES.vocabulary.derived) if "_" in name}
    for criterion in RULES.criteria.values():
        for condition in filter(None, (criterion.when, criterion.cleared_when)):
            leaves = [node for node in c.walk(condition) if not isinstance(node, c.CriterionRef)]
            words = " ".join(WORDS.of(leaf).text for leaf in leaves)
            assert not names & set(re.findall(r"\w+", words)), criterion.id


def test_conditions_in_words():
    age = c.Compare("age_years", "at_least", c.Threshold("any", 50.0))
    pain = c.Compare("pain_nrs", "below", c.Threshold("any", 4.5))
    levels = c.AllWithin("fracture_levels", frozenset({"T11", "T12", "L1", "L3"}))
    assert WORDS.of(c.All((age, pain))).in_one_line == "all of these (Age: at least 50 years; Worst pain (0 to 10): below 4.5)"
    assert WORDS.of(levels).text == "Levels to treat: nothing but ‘T11 to L1’ or ‘L3’"
    assert WORDS.of(c.Not(c.OneOf("sex", frozenset({"male"})))).text == "Sex: recorded, and not Male"
    assert WORDS.of(c.Not(c.All((age, pain)))).in_one_line == "not so (all of these (Age: at least 50 years; Worst pain (0 to 10): below 4.5))"


def test_a_local_pack_gets_its_page_with_its_own_source_and_cases():
    pages = knowledge_pages(unproved_rules_at(ROOT / "examples/local_rules"))
    page = pages["guidelines/our_hospital.md"]
    assert "Vertebral fractures, local rule, version 1" in page and "| Pain at the limit | like" in page


def test_pages_that_no_longer_belong_are_removed_and_foreign_ones_stop_the_run(tmp_path):
    write_knowledge_pages(RULES, tmp_path)
    (tmp_path / "guidelines/left.md").write_text(PAGES["scores.md"], encoding="utf-8")
    write_knowledge_pages(RULES, tmp_path)
    assert not (tmp_path / "guidelines/left.md").exists()
    (tmp_path / "my notes.md").write_text("# Mine\n", encoding="utf-8")
    with pytest.raises(UnusableCall, match="my notes.md was not made by this command"):
        write_knowledge_pages(RULES, tmp_path)
    assert (tmp_path / "my notes.md").read_text(encoding="utf-8") == "# Mine\n"


def test_the_command_writes_the_pages_to_the_folder_that_is_named(tmp_path):
    result = CliRunner().invoke(app, ["knowledge-pages", "--output", str(tmp_path / "pages")], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (0, f"{len(PAGES)} pages in {tmp_path / 'pages'}\n")
    assert (tmp_path / "pages" / INDEX).read_text(encoding="utf-8") == PAGES[INDEX]


def test_a_folder_that_cannot_be_written_to_is_told_in_one_sentence(tmp_path):
    (tmp_path / "pages").write_text("a file", encoding="utf-8")
    result = CliRunner().invoke(app, ["knowledge-pages", "--output", str(tmp_path / "pages")], catch_exceptions=False)
    assert result.exit_code == 2 and "The pages cannot be written to" in result.stderr
