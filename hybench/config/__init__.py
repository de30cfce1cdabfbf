"""Settings of a training and of a project."""
