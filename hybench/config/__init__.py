"""What a training and a project are set to."""
