"""What the parser of the command line finds wrong, as one sentence like those of the commands."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from benchmark.cli.output import emit
from benchmark.errors import UserError
from benchmark.leaderboard.text import readable
from objectives.foundation.names import quote, resolve, unknown_name

USAGE = 2
LONGEST = 500  # characters of a parser's sentence
ParserError: type[Exception] = typer.BadParameter.__mro__[1]  # UsageError of Click, or of Typer's own copy of it


class Group(TyperGroup):
    """A command of commands: names are looked up as everywhere, and without one the help page is printed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options before the command."""
        if not args and not ctx.resilient_parsing:
            emit(ctx.get_help(), err=True)
            raise typer.Exit(USAGE)
        for word in args:
            if "\0" in word:  # only from Python: no shell passes one on
                raise UserError(f"{quote(word)} contains a null character.")
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first argument names."""
        if not ctx.resilient_parsing:  # completion has half a name
            args = [resolve(args[0], self.list_commands(ctx), "command"), *args[1:]]
        return super().resolve_command(ctx, args)


def sentence_of(error: Any) -> str:
    """Return the sentence for a ParserError: the option, the value and what would be right."""
    if hasattr(error, "possibilities"):
        command = error.ctx.command
        known = [name for one in command.get_params(error.ctx) for name in (*one.opts, *one.secondary_opts)]
        options = [name for name in known if name.startswith("-")]
        return str(unknown_name("option", error.option_name, options, owner=error.ctx.command_path))
    problems: list[Any] = getattr(error.__cause__, "errors", list)()  # Pydantic's, whose message lacks the value
    expected = problems[0]["msg"] if problems else ""
    if expected.startswith("Input should "):
        right = expected.removeprefix("Input ").partition(",")[0]
        return f"{error.param.opts[0]} {right}, not {quote(str(problems[0]['input']))}."
    said = " ".join(error.format_message().replace("Value error, ", "").split()).removesuffix(".")
    if problems and (value := quote(str(problems[0]["input"]))) not in said:
        said += f", got {value}"
    help_page = f"; see {error.ctx.command_path} --help" if error.ctx and not expected else ""
    return readable(said, LONGEST) + help_page + "."
