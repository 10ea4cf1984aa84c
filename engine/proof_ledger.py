"""Which rule sets are proved: results kept by the fingerprint of the rule set and of the engine, so that loading stays fast.

The shipped rules' entry is in `engine/proved.json` (made by `python -m engine record-proofs`, kept current by a test). Any other rule
set is proved once, when it is first loaded, and remembered in the user's cache folder; no patient data is ever in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from engine.mistakes import Mistake, RuleErrors
from engine.ruleset import Pack, RuleSet

if TYPE_CHECKING:
    from engine.proofs import Proof

SHIPPED_LEDGER = Path(__file__).parent / "proved.json"
REASONING = (
    "cells",
    "chaining",
    "columns",
    "condition_reader",
    "conditions",
    "contradictions",
    "decisions",
    "derived",
    "diagrams",
    "idleness",
    "independence",
    "loading",
    "patient_space",
    "planes",
    "program",
    "proofs",
    "rule_checks",
    "rule_files",
    "ruleset",
    "space",
    "symbolic",
    "vocabulary",
    "vocabulary_reading",
)
"""The modules on which the proofs rest; a change in any of them asks for new proofs."""


@cache
def engine_fingerprint() -> str:
    """sha256 over the modules that reason; line endings do not matter."""
    digest = hashlib.sha256()
    for name in REASONING:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def insist_on_proof(rules: RuleSet) -> None:
    """Prove properties 2 to 8 unless they are proved already; of packs added to proved rules, only theirs.

    Raises RuleErrors that name the rule, the property and a patient that shows it.
    """
    key = _key(rules)
    if key in _entries(SHIPPED_LEDGER) or key in _entries(_own_ledger()):
        return
    from engine.proofs import prove  # what is proved already loads without the provers

    broken = [proof for proof in prove(rules, packs_to_prove(rules)) if not proof.proved]
    if broken:
        raise RuleErrors(_mistake(rules, proof) for proof in broken)
    remember(rules)


def packs_to_prove(rules: RuleSet) -> list[Pack]:
    """Those that were added to proved rules; else all of them."""
    return [rules.packs[id] for id in rules.added_packs] if rules.additional else list(rules.packs.values())


def _key(rules: RuleSet) -> str:
    return f"{rules.fingerprint}:{engine_fingerprint()}"


def record_shipped(rules: RuleSet, proofs: Iterable[Proof]) -> None:
    """Write the entry of the shipped rules; refused while a property is broken."""
    proofs = list(proofs)
    if not all(proof.proved for proof in proofs):
        raise ValueError("a rule set that breaks a property is not recorded as proved")
    entry = {_key(rules): [f"property {proof.number}: proved ({proof.method})" for proof in proofs]}
    SHIPPED_LEDGER.write_text(json.dumps(entry, indent=2) + "\n", encoding="utf-8")


def _entries(ledger: Path) -> dict[str, list[str]]:
    """What a ledger holds; one that cannot be read holds nothing, so that the proofs are made again."""
    try:
        return json.loads(ledger.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _own_ledger() -> Path:
    return user_cache_path("vertebral-augmentation", appauthor=False) / "proved.json"


def remember(rules: RuleSet) -> None:
    """Note in the user's cache folder that these rules are proved."""
    key, ledger = _key(rules), _own_ledger()
    if key in _entries(SHIPPED_LEDGER):
        return
    try:
        ledger.parent.mkdir(parents=True, exist_ok=True)
        ledger.write_text(json.dumps({**_entries(ledger), key: []}), encoding="utf-8")
    except OSError:
        return  # a folder that cannot be written to only costs the time of the next proof


def _mistake(rules: RuleSet, proof: Proof) -> Mistake:
    rule = proof.counterexample.rule
    place = rules.criteria[rule].place if rule in rules.criteria else None
    return Mistake(place.file if place else rules.directory, place.line if place else 1, rule, proof.line())
