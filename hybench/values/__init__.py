"""Values from users: numbers in range, names of folders, language codes."""
