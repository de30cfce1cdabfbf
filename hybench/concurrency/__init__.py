"""Work in threads and processes, its progress and its end."""

from hybench.platforms import require_posix

require_posix()
