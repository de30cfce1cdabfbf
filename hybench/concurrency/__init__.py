"""Threads, processes, progress reports and stopping."""

from hybench.platforms import require_posix

require_posix()
