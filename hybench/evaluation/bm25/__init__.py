"""BM25, the lexical baseline."""
