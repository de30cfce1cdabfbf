"""Runs on disk: folder, event log, environment and status."""
