"""Lists beside queries: hard negatives, and teachers' scores of them."""
