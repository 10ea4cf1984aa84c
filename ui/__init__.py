"""The pages. They show what `engine/` found in the words of `rules/`; they decide nothing about a patient."""
