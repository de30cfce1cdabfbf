"""Settings, metrics and language bias."""
