"""Processes that share work out: a program that serves requests, and a pool of it."""
