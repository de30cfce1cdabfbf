"""``hybench config show``: the value of every option, and the layer that sets it."""

from __future__ import annotations

import json as json_text
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybench.cli.layers import Source, commands_of, options_of, origin, source
from hybench.cli.options import Json
from hybench.cli.state import console
from hybench.errors import UsageError

if TYPE_CHECKING:
    from hybench.config.project_file import Settings
    from hybench.wording.text_table import Sheet

app = typer.Typer(
    no_args_is_help=True,
    help="Settings: flags over variables over hybench.toml over defaults.",
    rich_markup_mode=None,
)

_UNSET = "—"


@dataclass(frozen=True)
class Setting:
    """The value of an option, and where it was set.

    Attributes:
        command: the words that call it; empty for the flags of all commands.
        option: its flag.
        value: as the command takes it; the text of a variable that is not a valid value.
        shown: the value as a table shows it.
        source: the layer that it comes from.
        origin: the layer in words; the variable, or the file and the key.
    """

    command: str
    option: str
    value: Any
    shown: str
    source: Source
    origin: str


@app.command()
def show(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND",
            help="Such as train, or study run; without it, all settings that differ from "
            "their defaults.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show what the options of a command are set to, and where. Runs nothing."""
    from hybench.config.project_file import nearest_settings

    asked: Any = context.find_root()
    for word in command or ():
        asked = _below(asked, word)
    found = [each for one in _contexts(asked) for each in _settings(one)]
    if not command:
        found = [each for each in found if each.source != "default"]
    file = nearest_settings(Path.cwd())
    if json:
        console.output(_document(found, file), None)
        return
    console.show(settings_sheet(found, command or (), file))
    words = " ".join(command or ())
    console.talk(f"Next: hybench {words} --help" if words else "Next: hybench config show train")


def _below(context: typer.Context, word: str) -> typer.Context:
    """The context of a group's command, as if it were called without arguments.

    Raises:
        UsageError: the group has no such command.
    """
    commands = commands_of(context.command)
    if word not in commands:
        advice = f"Choose one of: {' '.join(commands)}." if commands else "Omit it."
        raise UsageError(f"{context.command_path} has no command {word!r}.", advice)
    below: typer.Context = commands[word].make_context(
        word, [], parent=context, resilient_parsing=True
    )
    return below


def _contexts(context: typer.Context) -> Iterator[typer.Context]:
    """A context, and those of all its subcommands."""
    yield context
    for name in commands_of(context.command):
        yield from _contexts(_below(context, name))


def _settings(context: typer.Context) -> Iterator[Setting]:
    command = context.command_path.partition(" ")[2]
    for name, option in options_of(context.command).items():
        layer, place = source(context, option.name), origin(context, option.name)
        value = context.params.get(option.name)
        if layer == "environment" and value is None:
            value = os.environ[place]
        elif layer == "default" and option.required:
            place = "must be given"
        told = option.show_default if layer == "default" else None
        shown = told if isinstance(told, str) else _text(value)
        yield Setting(command, f"--{name}", value, shown, layer, place)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    return _UNSET if value in {None, ""} else str(value)


def _document(found: Sequence[Setting], file: Settings | None) -> str:
    options = [
        {
            "command": each.command,
            "option": each.option,
            "value": each.value,
            "source": each.source,
            "from": each.origin,
        }
        for each in found
    ]
    document = {"format": 1, "file": None if file is None else file.path, "options": options}
    return json_text.dumps(document, ensure_ascii=False, indent=2, default=str)


def settings_sheet(
    found: Sequence[Setting], command: Sequence[str], file: Settings | None
) -> Sheet:
    """A line per option; an entry of the file for several commands is one line."""
    from hybench.wording.text_table import Entry, Line, Sheet

    several = not command or len({each.command for each in found}) > 1
    groups: dict[tuple[str, ...], list[Setting]] = {}
    for each in found:
        own = "" if each.source == "file" else each.command
        groups.setdefault((own, each.option, each.origin), []).append(each)
    lines = []
    for one, *others in groups.values():
        command_or_all = one.command if one.command and not others else "(all)"
        texts = (command_or_all, one.option, one.shown, one.origin)
        tone = "quiet" if one.source == "default" else ""
        lines.append(Line(tuple(Entry(text, tone) for text in texts[not several :])))
    header = ("command", "option", "value", "from")[not several :]
    title = (
        f"settings of hybench {' '.join(command)}"
        if command
        else "settings that differ from their defaults"
    )
    note = (
        "There is no hybench.toml, or pyproject.toml with [tool.hybench], in this folder or above "
        "it."
        if file is None
        else f"The nearest file is {file.path}."
    )
    return Sheet(title, header, len(header), tuple(lines), notes=(note,))
