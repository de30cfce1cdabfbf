"""Files: atomic writes, checksums, locks, documents, tables and caches."""

from hybench.platforms import require_posix

require_posix()
