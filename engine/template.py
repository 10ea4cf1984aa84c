"""An empty cohort file with every column, and the data dictionary beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from engine.errors import UnusableOutput
from engine.values import accepted_form
from engine.vocabulary import RECORD_ID, Item, Vocabulary
from engine.writing import whole_files, write_csv

DICTIONARY_HEADER = ("name", "type", "unit", "minimum", "maximum", "allowed_values", "label", "question", "help")
ROWS_WITH_CHOICES = 2000
LONGEST_INLINE_LIST = 255  # what a spreadsheet takes as a list in a cell rule


def write_template(directory: Path, vocabulary: Vocabulary, formats: tuple[str, ...]) -> tuple[Path, ...]:
    """Write the files of these formats (`csv`, `xlsx`); nothing that exists already is replaced. Raises UnusableOutput."""
    for name in formats:
        if name not in _WRITERS:
            raise UnusableOutput(f"There is no template in the format {name}, so nothing was written; ask for csv, xlsx or both.")
    planned = {directory / name: write for format in dict.fromkeys(formats) for name, write in _WRITERS[format].items()}
    for path in planned:
        if path.exists():
            raise UnusableOutput(
                f"{path} exists already and may have been filled in, so it was not replaced; move it away or name another --output folder."
            )
    with whole_files() as files:
        for path, write in planned.items():
            write(files.temporary(path), vocabulary)
    return tuple(planned)


def dictionary_rows(vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    """The data dictionary: one row for each column of a cohort file."""
    about = "An opaque key of your own; never a name or a record number. Row numbers stand in for it."
    record_id = (RECORD_ID, "text", "", "", "", "", "Record", "", about)
    return [record_id, *(_row(item) for item in vocabulary)]


def _row(item: Item) -> tuple[str, ...]:
    limits = tuple("" if limit is None else f"{limit:g}" for limit in (item.minimum, item.maximum))
    return (item.name, item.type, item.unit, *limits, ";".join(item.codes), item.label, item.question, item.help)


def _columns(vocabulary: Vocabulary) -> tuple[str, ...]:
    return (RECORD_ID, *vocabulary.names)


def _write_cohort_csv(path: Path, vocabulary: Vocabulary) -> None:
    write_csv(path, _columns(vocabulary), [])


def _write_dictionary_csv(path: Path, vocabulary: Vocabulary) -> None:
    write_csv(path, DICTIONARY_HEADER, dictionary_rows(vocabulary))


def _write_workbook(path: Path, vocabulary: Vocabulary) -> None:
    """Cells are text, so that a spreadsheet turns nothing into a date; coded items offer their codes."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    workbook = Workbook()
    cohort, dictionary = workbook.active, workbook.create_sheet("dictionary")
    cohort.title = "cohort"
    cohort.append(_columns(vocabulary))
    cohort.freeze_panes = "B2"
    for position, name in enumerate(_columns(vocabulary), start=1):
        letter = get_column_letter(position)
        cohort.column_dimensions[letter].width = max(12, len(name) + 2)
        cohort.column_dimensions[letter].number_format = "@"
        cohort[f"{letter}1"].font = Font(bold=True)
        if name == RECORD_ID:
            continue
        item = vocabulary[name]
        cohort[f"{letter}1"].comment = Comment(f"{item.question} Write {accepted_form(item)}.", "template")
        choices = f'"{",".join(item.codes)}"'
        if item.type in ("boolean", "category") and len(choices) <= LONGEST_INLINE_LIST:
            rule = DataValidation(type="list", formula1=choices, allow_blank=True)
            rule.add(f"{letter}2:{letter}{ROWS_WITH_CHOICES}")
            cohort.add_data_validation(rule)
    for row in (DICTIONARY_HEADER, *dictionary_rows(vocabulary)):
        dictionary.append(row)
    workbook.save(path)


_Writer = Callable[[Path, Vocabulary], None]
_WRITERS: Mapping[str, Mapping[str, _Writer]] = {
    "csv": {"cohort_template.csv": _write_cohort_csv, "cohort_dictionary.csv": _write_dictionary_csv},
    "xlsx": {"cohort_template.xlsx": _write_workbook},
}
