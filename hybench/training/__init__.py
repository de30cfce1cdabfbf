"""A step, the teacher, the loop and its checkpoints."""
