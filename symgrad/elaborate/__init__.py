"""Hand derivations: how each line follows, which one is the first wrong one, and what would have been right."""
