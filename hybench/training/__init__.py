"""Objectives, the teacher, the loop and its checkpoints."""
