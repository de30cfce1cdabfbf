"""Files: atomic writes, checksums, locks, documents, tables and caches."""
