"""Tests of the kernel: one file a module, rows that a rule accepts and refuses, and oracles that share nothing."""
