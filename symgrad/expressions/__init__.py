"""The SymPy side: inert nodes for what SymPy lacks, and the bridge to the kernel's terms."""
