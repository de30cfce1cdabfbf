"""Reports to send: LaTeX, and one self-contained page of HTML."""
