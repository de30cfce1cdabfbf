"""Reports: LaTeX, and one self-contained page of HTML."""
