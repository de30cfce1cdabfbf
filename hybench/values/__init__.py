"""Values that people give: numbers in range, names of folders, codes of languages."""
