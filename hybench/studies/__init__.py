"""Studies: grids of trainings on one budget, their execution and their status."""
