"""The commands about the rules themselves: check, record-proofs, schema, diff, agreement, knowledge-pages."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from engine.cli_messages import CHECK_FAILED, DONE_WITH_INVALID_CELLS, say, told_in_words
from engine.mistakes import RuleErrors


def check(
    directory: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The rule set; the shipped one by default.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Every evaluation by both evaluators; takes some minutes.")] = False,
) -> None:
    """Load a rule set, run its cases and prove its properties; exit code 3 when something is wrong."""
    from engine.checks import CHECKS, FULL_CHECKS, run_checks
    from engine.rule_choice import unproved_rules_at

    with told_in_words():
        try:
            unproved_rules_at(directory)
        except RuleErrors as errors:
            for mistake in errors.mistakes:
                say(str(mistake))
            raise typer.Exit(CHECK_FAILED) from errors
        passed = True
        for checked in run_checks(directory, FULL_CHECKS if full else CHECKS):
            passed &= checked.passed
            for line in checked.lines:
                typer.echo(line)
    raise typer.Exit(0 if passed else CHECK_FAILED)


def record_proofs() -> None:
    """Prove the shipped rules afresh and record it, after a change of rules or engine."""
    from engine.loading import read_rules
    from engine.proof_ledger import record_shipped
    from engine.proofs import prove

    with told_in_words():
        rule_set = read_rules()
        proofs = prove(rule_set)
        for proof in proofs:
            typer.echo(proof.line())
        if not all(proof.proved for proof in proofs):
            raise typer.Exit(CHECK_FAILED)
        record_shipped(rule_set, proofs)


def schema() -> None:
    """Write the JSON Schemas of the knowledge files, for editors."""
    from engine.json_schema import write_schemas
    from engine.loading import load_rules

    with told_in_words(lambda: "Stopped. Some schemas may be old; run the same command again."):
        for path in write_schemas(load_rules()):
            typer.echo(path)


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A rule set, or a folder with packs to add to the shipped one.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The rules to compare with it.")],
    cohort: Annotated[str, typer.Option("--cohort", metavar="FILE", help="The patients: CSV (also .csv.gz) or Parquet.")],
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="The CSV to write; stdout by default.")] = None,
) -> None:
    """Compare two rule sets on a cohort: who moves, and because of which criterion."""
    from engine.cohort_difference import HEADER, CohortDifference
    from engine.evaluator import evaluator_for
    from engine.rule_choice import rules_at
    from engine.writing import whole_file, write_csv

    with told_in_words():
        difference = CohortDifference(evaluator_for(rules_at(old)), evaluator_for(rules_at(new)), cohort)
        if output is not None:
            difference.check_output(output)
        # Also what goes to stdout is made in full first: an error leaves no half table.
        with TemporaryDirectory() as folder, whole_file(output or Path(folder) / "difference.csv") as path:
            write_csv(path, HEADER, difference.rows())
            if output is None:
                typer.echo(path.read_text(encoding="utf-8"), nl=False)
        for line in difference.lines():
            say(line)
    raise typer.Exit(DONE_WITH_INVALID_CELLS if difference.unusable else 0)


def agreement(
    cohort: Annotated[str, typer.Argument(metavar="INPUT", help="The patients: CSV (also .csv.gz) or Parquet.")],
    guidelines: Annotated[str | None, typer.Option("--guidelines", metavar="A,B", help="Exactly these guidelines; +x adds one to those on.")] = None,
    rules: Annotated[Path | None, typer.Option("--rules", metavar="DIR", help="A folder with packs to add or replace, or a whole rule set.")] = None,
) -> None:
    """Compare the guidelines on a cohort: how far they agree (Cohen's kappa), and which criteria part them."""
    from engine.cohort_agreement import CohortAgreement
    from engine.evaluator import evaluator_for
    from engine.rule_choice import rules_at

    with told_in_words():
        chosen = None if guidelines is None else tuple(part.strip() for part in guidelines.split(",") if part.strip())
        found = CohortAgreement(evaluator_for(rules_at(rules), chosen), cohort)
        for line in found.lines():
            typer.echo(line)
        say(f"{found.patients} patients; {found.unusable} invalid cells or rows with a wrong number of cells count as not recorded.")
    raise typer.Exit(DONE_WITH_INVALID_CELLS if found.unusable else 0)


def knowledge_pages(
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="The folder of the pages.")] = Path("docs/knowledge"),
) -> None:
    """Write one page for each pack, gate and list of the shipped rules, with their sources and cases."""
    from engine.knowledge_pages import write_knowledge_pages
    from engine.loading import read_rules

    with told_in_words(lambda: "Stopped. Some pages may be old; run the same command again."):
        pages = write_knowledge_pages(read_rules(), output)
        typer.echo(f"{len(pages)} pages in {output}")


COMMANDS = (check, record_proofs, schema, diff, agreement, knowledge_pages)
"""In the order in which the help names them."""
