"""Work in threads and processes, its progress and its end."""
