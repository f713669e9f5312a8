"""What the parser finds wrong: one sentence each, for every option and argument of every command."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import get_args, get_type_hints

import pytest
from typer.main import get_command

from benchmark.cli.app import app
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, type_in

__all__ = ["type_in"]

ROOT = get_command(app)
DATA = ROOT.commands["data"]
COMMANDS = {(name,): one for name, one in ROOT.commands.items() if one is not DATA}
COMMANDS |= {("data", name): one for name, one in DATA.commands.items()}


def types_of(command):
    """Return the type of every parameter by name, without None and list."""
    hints = get_type_hints(inspect.unwrap(command.callback))
    return {name: next((one for one in get_args(hint) if one is not type(None)), hint) for name, hint in hints.items()}


def valued(command):
    """Return the options of a command that take a value."""
    return [one for one in command.params if one.param_type_name == "option" and not one.is_flag]


TYPED = [
    (words, one.opts[0], types_of(command)[one.name])
    for words, command in COMMANDS.items()
    for one in valued(command)
    if types_of(command)[one.name] not in (str, list)
]
NUMBERS = [(*words, option) for words, option, kind in TYPED if kind in (int, float)]
CHOICES = [(*words, option, kind) for words, option, kind in TYPED if inspect.isclass(kind) and issubclass(kind, Enum)]


def test_the_table_is_of_all_commands():
    """Numbers and choices are found where they are known to be."""
    assert len(COMMANDS) == 15
    assert ("run", "--iterations") in NUMBERS
    assert {option for *_, option, _ in CHOICES} == {"--track", "--executor", "--sampler", "--ranges"}


@pytest.mark.parametrize("value", ["abc", "", "1e", "-1", "\x1b[31m", "x" * 100_000], ids=lambda value: repr(value)[:8])
@pytest.mark.parametrize("words", NUMBERS, ids=" ".join)
def test_a_wrong_number_is_named(words, value, type_in):
    """Text and negative numbers, where a count or an amount belongs."""
    code, out, err = type_in(*words, value)
    assert is_one_sentence(code, out, err), err
    assert words[-1] in err
    assert value[:20] in err or not value.isprintable()


@pytest.mark.parametrize("words", CHOICES, ids=lambda words: " ".join(words[:-1]))
def test_a_wrong_choice_is_named_with_the_right_ones(words, type_in):
    """The value, and every choice that there is."""
    code, out, err = type_in(*words[:-1], "nonesuch")
    assert is_one_sentence(code, out, err), err
    assert all(word in err for word in (words[-2], "'nonesuch'", *words[-1]))


@pytest.mark.parametrize("words", [(), ("data",), *COMMANDS], ids=" ".join)
def test_an_unknown_option_is_named_with_the_nearest(words, type_in):
    """A slip of one letter, a letter that is no option, and text that is none."""
    for option in ("--hepl", "--bogus", "-9", "--\x1b[31m", "--" + "x" * 100_000, "--bogus=3"):
        code, out, err = type_in(*words, option)
        assert is_one_sentence(code, out, err), err
        assert " ".join(["Unknown option", repr(option.partition("=")[0])[:20]]) in err
        assert option != "--hepl" or "Did you mean '--help'" in err


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_what_is_missing_or_too_much_is_named(words, type_in):
    """An option without its value, a switch with one, a required name, an argument more than there are."""
    command = COMMANDS[words]
    for one in valued(command):
        code, out, err = type_in(*words, one.opts[0])
        assert is_one_sentence(code, out, err), err
        assert one.opts[0] in err
    for one in command.params:
        if one.param_type_name == "option" and one.is_flag:
            code, out, err = type_in(*words, f"{one.opts[0]}=3")
            assert is_one_sentence(code, out, err), err
            assert one.opts[0] in err
    if missing := [one for one in command.params if one.required]:
        code, out, err = type_in(*words)
        assert is_one_sentence(code, out, err), err
        assert (missing[0].opts[0] if missing[0].param_type_name == "option" else "Missing argument") in err
        assert f"{' '.join(words)} --help" in err
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    if all(one.nargs == 1 for one in arguments):
        required = [word for one in missing if one.param_type_name == "option" for word in (one.opts[0], "ns")]
        code, out, err = type_in(*words, *required, *["a"] * len(arguments), "onemore")
        assert is_one_sentence(code, out, err), err
        assert "onemore" in err


@pytest.mark.parametrize("words", [(), ("data",)], ids=" ".join)
@pytest.mark.parametrize("name", ["lits", *HOSTILE], ids=lambda name: repr(name)[:8])
def test_an_unknown_command_is_named_with_the_nearest(words, name, type_in):
    """With all commands; a null is found before."""
    code, out, err = type_in(*words, name)
    assert is_one_sentence(code, out, err), err
    assert ("a null character" if "\0" in name else "Unknown command") in err
    assert name != "lits" or "'list'" in err


@pytest.mark.parametrize("words", [(), ("data",), *COMMANDS], ids=" ".join)
def test_help_is_a_page(words, type_in):
    """Asked for, it is the output; without a command it stands on standard error, with the code of a mistake."""
    code, out, err = type_in(*words, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: gan-bench {' '.join(words)}".rstrip())
    if words in ((), ("data",)):
        assert type_in(*words) == (2, "", out)
