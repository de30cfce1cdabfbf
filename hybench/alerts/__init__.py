"""Tell who does not look: a run has failed, stalled, collapsed, or is done."""
