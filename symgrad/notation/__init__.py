"""Reading and writing LaTeX: a document becomes claims about kernel terms, and terms become LaTeX, MathML and text."""
