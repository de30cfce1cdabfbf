"""Mining: hard negatives of a set's training queries, from a model's or BM25's ranking."""
