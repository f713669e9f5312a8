"""A machine that lacks what others have: a stream, a home, room on a device; and numbers that no machine can hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmark.cli.output import takes_colour
from benchmark.errors import UserError
from benchmark.runner.request import Request
from benchmark.runner.suite import suite_of
from tests.faults.processes import typed
from tests.faults.stores import ONE, RUN, numbers

HUGE = "1234567890123456789012"
PRINTING = [("leaderboard",), ("compare", "ns", "hinge"), ("list",), ("show", "ns"), ("--help",)]


def placed(words: tuple[str, ...], whole: Path) -> list[object]:
    """Add the results directory where a command reads one."""
    return [*words, *(("--results", whole) if words[0] in ("leaderboard", "compare") else ())]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("words", PRINTING[:-1], ids=lambda words: words[0])
def test_a_full_device_is_one_sentence(words, whole, tmp_path, tally):
    """What cannot be printed is said once on standard error, and the exit code is 2."""
    done = typed(placed(words, whole), tmp_path, ["send_to", 1, "/dev/full"])
    tally.fault()
    assert done.code == 2, done.err
    assert done.line == "gan-bench: Cannot write to standard output: No space left on device."
    assert "Exception ignored" not in done.err


def test_a_run_onto_a_full_device_is_recorded(half, whole, tmp_path, tally):
    """The table is lost and no run."""
    done = typed([*RUN, "-o", "hinge", "--results", half], tmp_path, ["send_to", 1, "/dev/full"])
    tally.fault()
    assert done.code == 2, done.err
    assert numbers(half) == numbers(whole)


@pytest.mark.parametrize("words", PRINTING, ids=lambda words: words[0])
def test_a_closed_standard_output_is_one_sentence(words, whole, tmp_path, tally):
    """Nothing is done whose outcome nobody could read."""
    done = typed(placed(words, whole), tmp_path, ["close_stream", 1])
    tally.fault()
    assert done.code == 2, done.err
    assert done.line == "gan-bench: Standard output is closed; send it to a file, or to /dev/null."


def test_a_closed_standard_error_loses_messages_only(whole, tmp_path, tally):
    """Tables and training go on, and no file of ours takes the number of the stream."""
    table = typed(["leaderboard", "--results", whole], tmp_path, ["close_stream", 2])
    made = typed([*RUN, "--results", tmp_path / "runs"], tmp_path, ["close_stream", 2], ["close_stream", 0])
    tally.fault(2)
    assert (table.code, made.code) == (0, 0)
    assert "hinge" in table.out
    assert len(numbers(tmp_path / "runs")) == 8


@pytest.mark.parametrize("words", [RUN, ("data", "list")], ids=["run", "data list"])
def test_a_user_without_a_home(words, tmp_path, tally):
    """No HOME and a user id that nothing knows: only the cache is missing."""
    results = ["--results", tmp_path / "runs"] if words is RUN else []
    done = typed([*words, *results], tmp_path, ["forget_the_user"])
    tally.fault()
    assert done.code == 0, done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "option",
    [
        *(("--iterations", value) for value in (HUGE, "0", "-1", "1e3")),
        *(("--threads", value) for value in (HUGE, "1000000000000")),
        *(("--group-size", value) for value in (HUGE, "1000000000000")),
        *(("--set", f"{name}={HUGE}") for name in ("batch", "critic_steps", "unroll_steps", "learning_rate_stop")),
        ("--set", "beta1=" + HUGE),
        ("--max-retries", "9" * 5000),
        ("--seeds", HUGE),
    ],
    ids=lambda option: f"{option[0]} {option[1][:25]}",
)
def test_a_number_that_no_machine_holds_is_one_sentence(option, tmp_path, type_in, tally):
    """It is refused before anything runs, with the value and what would be right."""
    words = ("run", "-o", "ns", "-p", "ring", "--results", tmp_path / "runs", *option)
    if "--iterations" not in option:
        words += ("--iterations", "5")
    code, _, err = type_in(*words)
    tally.input()
    assert code == 2, err
    assert "Traceback" not in err
    assert len(err) < 1000
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("entry", [f"iterations = {HUGE}", f"settings = {{batch = {HUGE}}}", f'seeds = "{HUGE}"'])
def test_a_number_in_a_suite_is_one_sentence(entry, tmp_path, type_in, tally):
    """The same values are refused where a file holds them."""
    head = 'title = "mine"\nproblems = ["ring"]\nobjectives = ["ns"]\n'
    (tmp_path / "mine.toml").write_text(head + entry + "\n")
    code, _, err = type_in("run", "--suite", tmp_path / "mine.toml", "--results", tmp_path / "runs")
    tally.input()
    assert code == 2, err
    assert re.search(r"^gan-bench: .*12345678901234567", err)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("field", ["iterations", "group_size", "threads"])
@pytest.mark.parametrize("value", [0, -1, 10**22])
def test_a_request_from_python_has_the_same_bounds(field, value, tally):
    """The Python interface refuses what the command line does."""
    tally.input()
    with pytest.raises(UserError, match=field.replace("_", " ").capitalize()):
        Request(problems=["ring"], objectives=["ns"], seeds=[0], **{field: value})


@pytest.mark.parametrize("joint", [".", " . ", '."a".', ".'b'."])
def test_a_name_of_thousands_of_parts_in_a_suite_is_refused_at_once(joint, tmp_path, tally):
    """Reading a dotted key takes the square of its parts, so its length is bounded."""
    (tmp_path / "mine.toml").write_text(joint.join(["a"] * 30_000) + " = 1\n")
    tally.input()
    with pytest.raises(UserError, match="a key of more than 50 parts"):
        suite_of(str(tmp_path / "mine.toml"))


def test_a_directory_of_data_that_is_not_there_is_a_mistake(tmp_path, type_in, tally):
    """A slip in `--data-dir` is told, though other places have the files."""
    for words in ((*ONE, "-o", "ns"), ("data", "list")):
        code, _, err = type_in(*words, "--data-dir", tmp_path / "nowhere")
        tally.input()
        assert code == 2
        assert "There is no data directory" in err


@pytest.mark.parametrize(("term", "no_color", "colour"), [("dumb", "", False), ("", "", False), ("xterm", "1", False)])
def test_a_terminal_that_knows_no_colour_gets_none(term, no_color, colour, monkeypatch, tally):
    """A dumb terminal would print the escapes; NO_COLOR is respected."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("NO_COLOR", no_color)
    tally.fault()
    assert takes_colour() == colour
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR")
    assert takes_colour()
