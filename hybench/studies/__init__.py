"""Studies: a grid of trainings on one budget, run, resumed, and told about."""
