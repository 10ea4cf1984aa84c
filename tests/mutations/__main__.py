"""Makes the mutations, asks the checks and prints the table: `python -m tests.mutations --seed N [--per-class N] [--proofs-alone N]`."""

from __future__ import annotations

import argparse
import time

from engine.loading import read_rules
from tests.mutations.layers import Layers
from tests.mutations.mutation import drawn
from tests.mutations.neighbours import showing_everything
from tests.mutations.running import EQUIVALENT, PROOF, SURVIVED, TEXT, Result, all_mutations, listed, of_the_pathway, run, run_proofs_alone, table

SEED, PER_CLASS, PATIENTS = 20261125, 40, 20_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--per-class", type=int, default=PER_CLASS)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--every", action="store_true", help="print what became of every mutation")
    parser.add_argument("--class", dest="only", default="", help="only the classes whose name holds these words")
    parser.add_argument("--proofs-alone", type=int, default=0, help="besides, ask nothing but the proofs about so many mutations of the gates")
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
    if chosen.proofs_alone:
        alone = run_proofs_alone(drawn(of_the_pathway(rules), chosen.proofs_alone, chosen.seed), layers)
        print(f"\nThe proofs alone noticed {sum(result.caught for result in alone)} of {len(alone)} mutations of the gates:")
        for verdict in (PROOF, SURVIVED):
            print(f"\n{verdict}:", *listed(alone, verdict), sep="\n")


def _tell(result: Result) -> None:
    print(f"{result.seconds:6.1f} s  {result.verdict:11}  {result.mutation.operator}: {result.mutation.name}  <- {result.why}", flush=True)


if __name__ == "__main__":
    main()
