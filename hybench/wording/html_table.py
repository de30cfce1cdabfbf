"""A text table as HTML, for notebooks."""

from __future__ import annotations

from html import escape

from hybench.wording.text_table import Sheet

_STYLES = {"better": "color:#0b6fc2", "worse": "color:#c4500a", "best": "font-weight:bold",
           "quiet": "opacity:.6", "": ""}  # fmt: skip
"""Styles by the tone of an entry, legible on white and on black."""

_CELL = "padding:.1em .6em;text-align:"


def sheet_html(shown: Sheet) -> str:
    """A sheet as HTML: title, summary, table, caption, notes."""
    parts = [f"<p><strong>{escape(shown.title)}</strong></p>"]
    parts += [f"<p>{escape(paragraph)}</p>" for paragraph in shown.lead]
    parts.append("<table><thead>")
    parts.append(_row(shown, [("th", text, "") for text in shown.header]))
    parts.append("</thead><tbody>")
    for line in shown.lines:
        cells = [
            ("th" if at < shown.keys else "td", entry.text + entry.mark, _STYLES[entry.tone])
            for at, entry in enumerate(line.entries)
        ]
        parts.append(_row(shown, cells, ruled=line.ruled))
    parts.append("</tbody></table>")
    if shown.caption:
        parts.append(f"<p><small>{escape(shown.caption)}</small></p>")
    if shown.notes:
        notes = "".join(f"<li>{escape(note)}</li>" for note in shown.notes)
        parts.append(f"<ul>{notes}</ul>")
    return "\n".join(parts)


def _row(shown: Sheet, cells: list[tuple[str, str, str]], *, ruled: bool = False) -> str:
    """A row of the table; fields that name a line are left-aligned, numbers right-aligned."""
    line = "border-top:1px solid;" if ruled else ""
    sides = ["left" if at < shown.keys else "right" for at in range(len(cells))]
    texts = [
        f'<{tag} style="{_CELL}{side};{line}{own}">{escape(text)}</{tag}>'
        for (tag, text, own), side in zip(cells, sides, strict=True)
    ]
    return f"<tr>{''.join(texts)}</tr>"
