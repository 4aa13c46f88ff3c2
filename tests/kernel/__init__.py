"""Tests of the kernel: one file a module, tables of rows that a rule accepts and refuses, and oracles that share nothing."""
