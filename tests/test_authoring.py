"""docs/authoring.md: its edits can be made, its commands run, and they print what the page says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import UnusableInput
from engine.mistakes import RuleErrors
from engine.rule_choice import unproved_rules_at
from ui import knowledge

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/authoring.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
NAMED_FILE = re.compile(r"In `(our_rules/[\w.]+)`")
ANYTHING = "…"
STARTS_THE_PAGE = "./run"


class Block(NamedTuple):
    """A fenced block of the page, and the last file that the text above it names as the one to edit."""

    kind: str
    text: str
    file: str


def blocks() -> list[Block]:
    page = PAGE.read_text(encoding="utf-8")
    return [Block(found[1], found[2], (NAMED_FILE.findall(page[: found.start()]) or [""])[-1]) for found in FENCE.finditer(page)]


def edit(path: Path, diff: str) -> None:
    """Make an edit that is written as lines kept, removed and added; it must fit in exactly one place."""
    lines = diff.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if line[:1] in " -")
    new = "".join(f"{line[1:]}\n" for line in lines if line[:1] in " +")
    text = path.read_text(encoding="utf-8")
    assert f"\n{text}".count(f"\n{old}") == 1, f"this edit of {path.name} does not fit:\n{diff}"
    path.write_text(f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:], encoding="utf-8")


def run(command: str, folder: Path, cache: Path) -> str:
    """What a command prints. `python` is this Python, which finds the engine although the folder is another."""
    line = re.sub(r"^python ", lambda _: f"{shlex.quote(sys.executable)} ", command)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache), "COLUMNS": "200"}
    done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=600)
    return done.stdout + done.stderr


def says(printed: str, expected: str) -> bool:
    """Whether the lines are printed in this order; `…` stands for anything, alone on a line for any lines."""
    pattern = ""
    for line in expected.splitlines():
        pattern += r"(?:.*\n)*?" if line == ANYTHING else re.escape(line).replace(re.escape(ANYTHING), ".*") + r"\n"
    return re.search(rf"(?:\A|\n){pattern}", printed) is not None


@pytest.fixture(scope="module")
def workplace(tmp_path_factory) -> Path:
    """A folder with what the page takes from the repository."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "rules").symlink_to(ROOT / "rules")
    return folder


def test_the_edits_fit_the_commands_run_and_print_what_the_page_says(workplace, tmp_path_factory, monkeypatch):
    cache = tmp_path_factory.mktemp("cache")
    commands, printed = [], ""
    for block in blocks():
        if block.kind == "bash":
            for command in block.text.splitlines():
                commands.append(command)
                printed = on_the_page(command, workplace, cache, monkeypatch) if command.endswith(STARTS_THE_PAGE) else run(command, workplace, cache)
        elif block.kind == "diff":
            edit(workplace / block.file, block.text)
        else:
            assert block.kind == "text"
            assert says(printed, block.text), f"after `{commands[-1]}`, expected:\n{block.text}\nprinted:\n{printed}"
    assert len(commands) == 7


def on_the_page(command: str, folder: Path, cache: Path, monkeypatch) -> str:
    """Starts the page as the command would, without a server; what it shows must name the pack."""
    variable, value = command.removesuffix(STARTS_THE_PAGE).strip().split("=")
    monkeypatch.setenv(variable, str(folder / value))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).run()
    page.session_state["answer_tabs"] = knowledge.texts("tabs")["guidelines"]
    page.run()
    assert not page.exception
    shown = "\n".join(element.proto.body for element in page.get("html"))
    assert "Our hospital" in shown and "Vertebral fractures, local rule, version 1" in shown
    return ""


def test_a_folder_that_is_not_there_stops_the_page_in_words(monkeypatch):
    monkeypatch.setenv(knowledge.RULES_VARIABLE, "no_such_folder")
    with pytest.raises(UnusableInput, match="no_such_folder is not a folder"):
        knowledge.rules()


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        ("cms_l34106,Ours,ours,2026,here,none,read,", "sources.csv, line 3: cms_l34106: this source id is used already."),
        ("ours,Ours", "sources.csv, line 3: a row of sources has the cells id, short_citation"),
    ],
)
def test_a_wrong_row_in_the_sources_of_a_local_rule_is_named(row, mistake, tmp_path):
    folder = tmp_path / "our_rules"
    shutil.copytree(ROOT / "examples/local_rules", folder)
    with (folder / "sources.csv").open("a", encoding="utf-8") as sources:
        sources.write(f"{row}\n")
    with pytest.raises(RuleErrors) as errors:
        unproved_rules_at(folder)
    assert any(mistake in str(found) for found in errors.value.mistakes)
