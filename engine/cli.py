"""The command line: reads options, calls the engine, prints what it says. Exit codes are those of `interfaces.md`.

A user's mistake ends in one readable sentence on stderr, never in a traceback. Only results go to stdout.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from engine.assessing import assess
from engine.cli_messages import say, told_in_words
from engine.cli_rules import COMMANDS
from engine.errors import UnusableInput
from engine.score_options import ROWS_PER_BATCH, ROWS_VERIFIED, ScoreOptions

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    # A traceback with local variables could show a patient's values.
    pretty_exceptions_enable=False,
    help="Should this vertebral compression fracture be treated with balloon kyphoplasty or vertebroplasty, what stands in the way, and why? "
    "Supports a clinician's judgement and never replaces it.",
)

Guidelines = Annotated[str | None, typer.Option("--guidelines", metavar="A,B", help="Exactly these guidelines; +x adds one to those on.")]
Rules = Annotated[Path | None, typer.Option("--rules", metavar="DIR", help="A folder with packs to add or replace, or with a whole rule set.")]


def main() -> None:
    """Run the command that the arguments name."""
    app()


@app.command()
def score(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT", help="CSV (also .csv.gz) or Parquet; a file, a folder, or a glob of them.")],
    output: Annotated[
        Path, typer.Option("--output", metavar="OUTPUT", help="The scored file, .csv or .parquet; issues, manifest and summary beside it.")
    ],
    guidelines: Guidelines = None,
    trials: Annotated[bool, typer.Option("--trials", help="Add a column for each trial: would this patient have entered?")] = False,
    rules: Rules = None,
    batch_rows: Annotated[int, typer.Option("--batch-rows", metavar="N", help="Rows held in memory at a time.")] = ROWS_PER_BATCH,
    verify: Annotated[int, typer.Option("--verify", metavar="N", help="Answer N random rows again with the other evaluator.")] = ROWS_VERIFIED,
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing if any value is invalid.")] = False,
    columns: Annotated[Path | None, typer.Option("--columns", metavar="MAP.yaml", help="Your own column names and codes.")] = None,
    missing: Annotated[str, typer.Option("--missing", metavar="A,B", help="Further words that mean 'not recorded'.")] = "",
    assume: Annotated[list[str] | None, typer.Option("--assume", metavar="ITEM=VALUE", help="Fill blanks of an item. Repeatable.")] = None,
    keep_inputs: Annotated[bool, typer.Option("--keep-inputs", help="Repeat the input columns first, prefixed input_.")] = False,
    no_progress: Annotated[bool, typer.Option("--no-progress", help="Show no progress bar.")] = False,
) -> None:
    """Score a cohort: one row of answers for each row of the input, its issues, a manifest and a summary beside it."""
    from engine.cohort import score_file
    from engine.progress import progress_bar

    options = ScoreOptions(
        guidelines=_listed(guidelines), trials=trials, rules=rules, batch_rows=batch_rows, verify=verify, strict=strict, columns=columns,
        missing=_listed(missing) or (), assume=tuple(assume or ()), keep_inputs=keep_inputs,
    )
    done = 0

    def remember(rows: int, total: int) -> None:
        nonlocal done
        done = rows
        show(rows, total)

    with told_in_words(lambda: f"Stopped after {done} rows. Nothing was written, {output} is as it was; run the same command again to start over."):
        with progress_bar(wanted=not no_progress) as show:
            report = score_file(tuple(inputs), output, options, remember)
    for path in report.ignored_files:
        say(f"Not read: {path}")
    for line in report.lines():
        say(line)
    raise typer.Exit(report.exit_code)


@app.command()
def explain(
    patient: Annotated[Path, typer.Argument(metavar="PATIENT.json", help="One JSON object of item names and values.")],
    as_json: Annotated[bool, typer.Option("--json", help="The assessment as JSON instead of text.")] = False,
    guidelines: Guidelines = None,
    rules: Rules = None,
) -> None:
    """Explain one patient: the whole assessment."""
    from engine.evaluator import evaluator_for
    from engine.outlook import outlook_of
    from engine.rendering import render_text
    from engine.rule_choice import rules_at

    with told_in_words():
        rule_set = rules_at(rules)
        assessment = assess(_read_patient(patient), rule_set, _listed(guidelines))
        if as_json:
            typer.echo(assessment.to_json())
        else:
            outlook = outlook_of(evaluator_for(rule_set, _listed(guidelines)), assessment.patient)
            typer.echo(render_text(assessment, rule_set, outlook))


@app.command()
def template(
    format: Annotated[str, typer.Option("--format", metavar="csv,xlsx", help="csv, xlsx or both.")] = "csv",
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="The folder to write to.")] = Path("."),
) -> None:
    """Write an empty cohort file with every column, and the dictionary beside it."""
    from engine.loading import load_rules
    from engine.template import write_template

    with told_in_words():
        for path in write_template(output, load_rules().vocabulary, _listed(format.lower()) or ()):
            typer.echo(path)


for command in COMMANDS:
    app.command()(command)


def _listed(text: str | None) -> tuple[str, ...] | None:
    """The entries of a comma list; None when the option was not given."""
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _read_patient(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_without_repeats)
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read ({error.strerror}), so there is no patient to explain; check the name.") from error
    except UnicodeDecodeError as error:
        raise UnusableInput(f"{path} is not UTF-8 text, so it cannot be read as JSON; save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise UnusableInput(f"{path} is not JSON: {error.msg} in line {error.lineno}, so no value can be trusted; mend that line.") from error
    if not isinstance(content, dict):
        raise UnusableInput(f'{path} does not hold one JSON object, so there is no patient to explain; write it as {{"age_years": 78}}.')
    return content


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, value in pairs:
        if name in values:
            raise UnusableInput(f'The patient has "{name}" twice, so it is not clear which value counts; keep one of them.')
        values[name] = value
    return values
