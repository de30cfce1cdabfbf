"""Characters of scripts without spaces between words."""

from __future__ import annotations

SYLLABIC = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # radicals, kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
ALPHABETIC = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
)
UNSPACED = SYLLABIC + ALPHABETIC
"""Of both, as ranges of a character class of a regular expression."""
