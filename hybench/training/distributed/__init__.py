"""Training in several processes of one or several machines."""
