"""What proposes: unrolling, back-propagation, proofs, counterexamples. Nothing here is trusted; the kernel judges."""
