"""The part that has to be trusted: terms, normal form, rules and `check`. Standard library only."""
