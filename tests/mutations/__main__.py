"""Makes the mutations, asks the checks and prints the table: `python -m tests.mutations --seed N [--per-class N] [--patients N]`."""

from __future__ import annotations

import argparse
import time

from engine.loading import read_rules
from tests.mutations.layers import Layers
from tests.mutations.neighbours import showing_everything
from tests.mutations.running import EQUIVALENT, PROOF, SURVIVED, TEXT, Result, all_mutations, listed, run, table

SEED, PER_CLASS, PATIENTS = 20261125, 30, 20_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--per-class", type=int, default=PER_CLASS)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--every", action="store_true", help="print what became of every mutation")
    parser.add_argument("--class", dest="only", default="", help="only the classes whose name holds these words")
    chosen = parser.parse_args()
    started = time.perf_counter()
    rules = read_rules()
    mutations = [mutation for mutation in all_mutations(rules, chosen.per_class, chosen.seed) if chosen.only in mutation.operator]
    print(f"seed {chosen.seed}: {len(mutations)} mutations, {chosen.patients:,} seeded patients for the text reader", flush=True)
    layers = Layers(rules, chosen.patients, showing_everything)
    results = run(mutations, layers, _tell if chosen.every else lambda result: None)
    print(table(results))
    print(f"{sum(result.raised for result in results)} of those caught raised instead of answering; {time.perf_counter() - started:.0f} s")
    for verdict in (TEXT, PROOF, EQUIVALENT, SURVIVED):
        print(f"\n{verdict}:", *listed(results, verdict), sep="\n")


def _tell(result: Result) -> None:
    print(f"{result.seconds:6.1f} s  {result.verdict:11}  {result.mutation.operator}: {result.mutation.name}  <- {result.why}", flush=True)


if __name__ == "__main__":
    main()
