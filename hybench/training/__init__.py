"""Training: steps, the teacher, the loop and its checkpoints."""
