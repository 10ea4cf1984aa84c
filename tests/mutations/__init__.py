"""Mutation tests: small, wilful mistakes in the shipped rules and in both evaluators, and which check catches each.

`python -m tests.mutations` makes all of them and prints the table of `docs/mutations.md`.
"""
