"""The public verbs: prepare, train, index, evaluate, compare, search, study.

Each takes names or paths, holds the locks that its work needs, calls back its progress, and gives a
result with ``to_frame()`` and a table for notebooks. The command line and the dashboard call them,
too. `hybench` exports them; nothing heavy is imported before the first call.
"""
