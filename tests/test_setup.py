"""The two commands, the requirements, the documents and the borders between the folders."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = [ROOT / "run", ROOT / "test", ROOT / ".ci" / "run"]
SHELL_FILES = [*SCRIPTS, *sorted((ROOT / ".ci").glob("*.sh"))]
CODE_FOLDERS = ("engine", "ui", "tests", "benchmarks", "examples")
TOOLS = {"ruff", "pytest-xdist"}  # run as a command or by pytest, never imported
LONG_FILES: dict[str, str] = {}  # a file of engine/ that may pass 400 lines, and why
DOCS = ROOT / "docs"
DOCUMENTS = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((DOCS / "decisions").glob("*.md"))]


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*found, ROOT / "app.py"] if "ui" in folders else found


def imported(path: Path) -> set[str]:
    """Top-level names of everything that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> set[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {normalised(re.match(r"[\w.-]+", line).group()) for line in lines if line and not line.startswith("#")}


def shell(command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs lines of bash with the set-up functions at hand."""
    script = f'set -euo pipefail; . "{ROOT}/.ci/environment.sh"; . "{ROOT}/.ci/browser.sh"; {command}'
    command_line = [shutil.which("bash"), "-c", script, "./test"]
    return subprocess.run(command_line, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)


def programs(folder: Path, *names: str) -> str:
    """A PATH on which only these programs are found."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_can_be_executed(script: Path) -> None:
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("script", SHELL_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_scripts_are_sound_bash(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    if checker := shutil.which("shellcheck"):
        told = subprocess.run([checker, "-x", script], cwd=ROOT, capture_output=True, text=True)
        assert told.stdout == ""


def test_the_build_runs_the_test_command_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "./test"]


def test_without_a_c_compiler_one_sentence_says_what_it_is_for_and_how_to_get_it(tmp_path: Path) -> None:
    told = shell("choose_compiler", PATH=programs(tmp_path / "bin", "bash"), CC="")
    assert (told.returncode, told.stdout) == (2, "")
    assert "C compiler" in told.stderr and "durable_rules" in told.stderr and "apt-get install gcc" in told.stderr
    assert told.stderr.count("\n") == 1


def test_the_callers_compiler_is_kept_and_gets_the_definition_that_313_needs() -> None:
    assert shell("choose_compiler", CC="cc -O1").stdout == "cc -O1 -DPyEval_CallObject=PyObject_CallObject\n"


def test_a_compiler_without_headers_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    blind = tmp_path / "blind"
    blind.write_text("#!/bin/sh\nexit 1\n")
    blind.chmod(0o755)
    told = shell(f'make_environment "{sys.executable}" "{tmp_path}/made" "x"', CC=str(blind))
    assert told.returncode == 2
    assert "cannot read Python.h" in told.stderr
    assert not (tmp_path / "made").exists()


def test_without_a_supported_python_one_sentence_says_so(tmp_path: Path) -> None:
    told = shell("choose_python", PATH=programs(tmp_path / "bin", "bash"), PYTHON="")
    assert told.returncode == 2
    assert told.stderr == "No Python 3.11, 3.12 or 3.13 was found. Install one, or name it: PYTHON=/path/to/python3.12 ./test\n"


def test_a_python_named_by_the_caller_is_used_and_a_wrong_one_is_refused() -> None:
    assert shell("choose_python", PYTHON=sys.executable).stdout.strip() == sys.executable
    told = shell("choose_python", PYTHON="/bin/false")
    assert (told.returncode, "PYTHON is set to '/bin/false'" in told.stderr) == (2, True)


def test_an_environment_that_was_not_finished_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert shell(f'is_finished "{tmp_path}" "3.11.7 abc"').returncode == 1
    (tmp_path / "made-from").write_text("3.11.7 abc\n")
    assert shell(f'is_finished "{tmp_path}" "3.11.7 abc"').returncode == 0
    assert shell(f'is_finished "{tmp_path}" "3.11.7 abd"').returncode == 1


def test_changed_requirements_make_a_new_environment(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("numpy\n")
    before = shell(f'fingerprint "{sys.executable}" 3.11.7', cwd=tmp_path).stdout
    requirements.write_text("numpy>2\n")
    after = shell(f'fingerprint "{sys.executable}" 3.11.7', cwd=tmp_path).stdout
    assert before.startswith("3.11.7 ") and after.startswith("3.11.7 ") and before != after


def test_without_a_browser_and_without_a_way_to_install_one_it_is_said_which_tests_fail(tmp_path: Path) -> None:
    told = shell("see_to_browser", PATH=programs(tmp_path / "bin", "bash", "id"))
    assert told.returncode == 0
    assert "tests in tests/page that need one will FAIL" in told.stderr and "apt-get install chromium" in told.stderr


def test_run_refuses_what_it_does_not_know() -> None:
    for arguments, says in ((["--fast"], "does not know '--fast'"), (["--port", "x"], "A port is a whole number")):
        told = subprocess.run([ROOT / "run", *arguments], capture_output=True, text=True, timeout=10)
        assert told.returncode == 2 and says in told.stderr


def test_requirements_name_everything_that_is_imported() -> None:
    distributions = packages_distributions()
    own = {"engine", "ui", "app", "tests", "benchmarks", "examples", *sys.stdlib_module_names}
    neighbours = {path.stem for path in python_files(*CODE_FOLDERS)} | {path.parent.name for path in python_files(*CODE_FOLDERS)}
    unnamed = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files(*CODE_FOLDERS)
        for name in imported(path) - own
        if not required() & {normalised(distribution) for distribution in distributions.get(name, ())} and name not in neighbours
    }
    assert unnamed == set()


def test_requirements_name_nothing_that_is_not_used() -> None:
    distributions = packages_distributions()
    used = {
        normalised(distribution)
        for path in python_files(*CODE_FOLDERS)
        for name in imported(path)
        for distribution in distributions.get(name, ())
    }
    by_another_name = {"pyarrow", "openpyxl"} & {name for name in required() if _named_in_engine(name)}  # chosen by name inside pandas
    assert required() - used - TOOLS - by_another_name == set()


def _named_in_engine(name: str) -> bool:
    return any(f'"{name}"' in path.read_text(encoding="utf-8") for path in python_files("engine"))


def test_every_requirement_has_its_line_in_the_dependencies_page() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    named = {normalised(name) for name in re.findall(r"^\| `([\w.-]+)`", page, re.MULTILINE)}
    assert named == required()


def test_the_code_passes_the_linter() -> None:
    told = subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", ROOT], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("path", python_files("engine"), ids=lambda path: path.name)
def test_the_engine_knows_no_page_and_prints_nothing_outside_the_command_line(path: Path) -> None:
    assert not imported(path) & {"streamlit", "ui", "app"}
    if not path.name.startswith(("cli", "progress", "__main__")):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        assert not [call.lineno for call in calls if isinstance(call, ast.Name) and call.id == "print"]
        assert not imported(path) & {"rich", "typer"}


def test_files_of_the_engine_stay_short() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files("engine")}
    assert {name: length for name, length in lengths.items() if length > 400 and name not in LONG_FILES} == {}


def test_the_rules_folder_holds_data_only() -> None:
    kinds = {path.suffix for path in (ROOT / "rules").rglob("*") if path.is_file()}
    assert kinds <= {".yaml", ".csv", ".json", ".j2"}


def test_the_entry_point_of_the_page_stays_thin() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_only_files_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w/.-])((?:engine|rules|ui|docs|tests|examples|benchmarks|\.ci|\.streamlit)/[\w./-]*\w)", text))
    linked = {str((page.parent / link).resolve().relative_to(ROOT)) for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)}
    # a name without an ending, as `engine/reading`, is the module; ID, NAME and N_CODE stand for any
    patterns = {re.sub(r"ID|NAME|N_CODE", "*", name) for name in named | linked}
    assert {name for name in patterns if not any(ROOT.glob(name)) and not (ROOT / f"{name}.py").exists()} == set()


def readme_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def beside_the_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's commands can run without writing into the project."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


@pytest.mark.parametrize("command", re.findall(r"^python -m engine .*$", "".join(readme_blocks("sh")), re.MULTILINE))
def test_commands_of_the_readme_work(command: str, beside_the_project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = command.split("#")[0].split()[1:]
    told = subprocess.run([sys.executable, *arguments], cwd=beside_the_project, env=environment, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout or "score" in arguments


def test_python_of_the_readme_works(beside_the_project: Path) -> None:
    for block in readme_blocks("python"):
        subprocess.run([sys.executable, "-c", block], cwd=beside_the_project, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, timeout=120)


def test_the_readme_names_the_two_commands() -> None:
    lines = {line.split("#")[0].strip() for block in readme_blocks("sh") for line in block.splitlines()}
    assert {"./run", "./test"} <= lines
