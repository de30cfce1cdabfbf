"""Optimiser steps: dense and sparse AdamW, schedule, precision."""
