"""Other systems' results: TREC runs, MTEB results, published scores."""
