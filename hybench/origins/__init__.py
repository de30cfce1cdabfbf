"""Origins: what a model was trained on before, and which of it is a test set's training data."""
