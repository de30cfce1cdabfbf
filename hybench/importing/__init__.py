"""Results of other systems: TREC runs, MTEB results, published scores."""
