"""What a laboratory adds to hybench."""
