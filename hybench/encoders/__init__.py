"""Text to vectors: encoders by name, or any sentence-transformers or Hugging Face checkpoint."""
