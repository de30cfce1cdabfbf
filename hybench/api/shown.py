"""What results of the public verbs share: tables of text, for terminals and notebooks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hybench.wording.html_table import sheet_html
from hybench.wording.text_table import Sheet, sheet_markdown

if TYPE_CHECKING:
    import polars as pl


class Shown(ABC):
    """A result that shows itself as tables."""

    @abstractmethod
    def sheets(self) -> Sequence[Sheet]:
        """The tables that show the result."""

    @abstractmethod
    def to_frame(self) -> pl.DataFrame:
        """The result as one tidy table."""

    def __repr__(self) -> str:
        """The tables in Markdown."""
        return "\n".join(map(sheet_markdown, self.sheets()))

    def _repr_html_(self) -> str:
        """The tables as notebooks show them."""
        return "\n".join(map(sheet_html, self.sheets()))
