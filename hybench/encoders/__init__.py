"""Text to vectors: from scratch, or any sentence-transformers or Hugging Face checkpoint."""

from hybench.encoders.encoder import Encoder, TextKind
from hybench.encoders.loading import load_encoder

__all__ = ["Encoder", "TextKind", "load_encoder"]
