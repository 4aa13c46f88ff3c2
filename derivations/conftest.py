"""`pytest derivations/` checks what is meant to be right; what stands in hand/wrong is wrong on purpose."""

collect_ignore = ["hand/wrong"]
