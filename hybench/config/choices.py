"""Values of a training config that are names."""

from __future__ import annotations

STRATEGIES = ("hybrid", "distill")
MIXINGS = ("batch", "example")
SCHEDULES = ("linear", "cosine", "constant")
OPTIMIZERS = ("adamw", "lazy-adamw")
TEACHER_LANGUAGE = "en"
"""The language that a teacher reads unless told otherwise."""
TEACHER_READS = (TEACHER_LANGUAGE, "own")
DISTILLATION_SCALES = ("plain", "temperature-squared")
