"""A user's objective that misbehaves: one sentence with the line of theirs, and every other objective finishes."""

from __future__ import annotations

import signal
import textwrap

import pytest

from benchmark import api
from benchmark.store import read_all
from tests.faults.processes import typed
from tests.faults.stores import ONE, is_whole, numbers

HEAD = """\
from dataclasses import dataclass
import torch
from torch.nn.functional import softplus
from objectives import Objective

CALLS = []
{module}

@dataclass(frozen=True)
class Mine(Objective):
    def critic_loss(self, critic, real, fake, game):
        CALLS.append(1)
{critic}
        return softplus(-critic(real)).mean() + softplus(critic(fake)).mean()

    def generator_loss(self, critic, real, fake, game):
{generator}
        return softplus(-critic(fake)).mean()
"""

# What it does, where it does it, what the sentence must hold. 20 iterations follow the trial's one or two calls.
BROKEN = {
    "raises in mid-training": ("critic", "if len(CALLS) > 12: raise RuntimeError('my own bug')", "my own bug"),
    "raises at once": ("critic", "raise KeyError('gone')", "gone"),
    "raises in the generator": ("generator", "if len(CALLS) > 12: raise ValueError('late')", "late"),
    "says too much": ("critic", "raise ValueError('much ' * 20_000)", "much much"),
    "says it in colour": ("critic", "raise ValueError('\\x1b[31mred\\x1b[0m\\r\\nline')", "red"),
    "returns a vector": ("critic", "return critic(real)", "scalar"),
    "returns a number": ("critic", "return 1.0", "scalar"),
    "returns nothing": ("generator", "return None", "scalar"),
    "returns a vector later": ("generator", "if len(CALLS) > 12: return critic(fake)", "scalar"),
    "opens a file": ("critic", "open('no such file')", "no such file"),
    "needs a package": ("module", "import no_such_package_at_all", "no_such_package_at_all"),
    "needs a package later": ("critic", "import no_such_package_at_all", "no_such_package_at_all"),
    "never ends": ("critic", "return self.critic_loss(critic, real, fake, game)", "RecursionError"),
    "leaves": ("critic", "raise SystemExit(0)", "SystemExit"),
    "leaves later": ("critic", "if len(CALLS) > 12: raise SystemExit(0)", "SystemExit"),
    "leaves at import": ("module", "raise SystemExit(0)", "SystemExit"),
    "raises at import": ("module", "1 / 0", "ZeroDivisionError"),
    "is no Python": ("module", "def (", "SyntaxError"),
    "has other shapes": ("critic", "real = real @ torch.ones(7, 3)", "shapes"),
}


def source(place: str, code: str) -> str:
    """Write the objective's file with one fault in it."""
    parts = dict.fromkeys(("module", "critic", "generator"), "")
    parts[place] = textwrap.indent(code, "" if place == "module" else " " * 8)
    return HEAD.format(**parts)


def line_of(text: str, code: str) -> int:
    """Return the number of the line that holds the fault."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if code in line)


@pytest.fixture
def play(tmp_path, monkeypatch, type_in):
    """Return a function that runs `mine.py:Mine` before ns, with exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def played(text, *words, others=("-o", "ns")):
        (tmp_path / "mine.py").write_text(text)
        return type_in(*ONE, "-o", "mine.py:Mine", *others, *words, "--results", "runs")

    return played


def of_ns(found):
    """Keep what was measured of ns."""
    return {key: run for key, run in found.items() if run[0] == "ns"}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_objective_is_left_out_with_its_line(fault, play, whole, tmp_path, tally):
    """Exit code 3, a sentence that names file and line, no traceback, and ns has the bits that it has alone."""
    place, code, part = BROKEN[fault]
    text = source(place, code)
    exit_code, out, err = play(text)
    tally.fault()
    assert exit_code == 3, err
    assert "Traceback" not in err
    assert part in err
    assert "mine.py" in err
    if part not in ("scalar", "SyntaxError"):  # what is returned is found wrong after the line is left
        assert f"line {line_of(text, code)}" in err
    assert all(line.isprintable() and len(line) < 1000 for line in err.splitlines())
    assert "ns" in out
    assert of_ns(numbers(tmp_path / "runs")) == of_ns(numbers(whole))
    assert not any("Mine" in run[0] for run in numbers(tmp_path / "runs").values())
    assert is_whole(tmp_path / "runs")


@pytest.mark.parametrize("fault", ["raises at once", "needs a package", "is no Python", "leaves at import"])
def test_alone_a_broken_objective_is_a_mistake(fault, play, tmp_path, tally):
    """Where nothing else is asked for, the same sentence ends the command with code 2 before anything is written."""
    code, out, err = play(source(*BROKEN[fault][:2]), others=())
    tally.fault()
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert BROKEN[fault][2] in err
    assert not (tmp_path / "runs").exists()


def test_nan_is_a_divergence(play, whole, tmp_path, tally):
    """A loss that turns NaN ends its members as diverged; ns is as ever."""
    code, out, err = play(source("critic", "if len(CALLS) > 12: return softplus(critic(real)).mean() * float('nan')"))
    tally.fault()
    assert code == 3
    assert "2 diverged" in out
    assert "Traceback" not in err
    found = numbers(tmp_path / "runs")
    assert of_ns(found) == of_ns(numbers(whole))
    assert [run[2].state for run in found.values() if "Mine" in run[0]] == ["diverged"] * 2


def test_item_costs_only_the_stack(play, whole, tmp_path, tally):
    """`.item()` cannot be vectorised: its members train one at a time, which one sentence says."""
    code, _, err = play(source("critic", "scale = 1.0 + 0.0 * critic(real).mean().item()"))
    tally.fault()
    assert code == 0, err
    assert "cannot be vectorised" in err
    assert of_ns(numbers(tmp_path / "runs")) == of_ns(numbers(whole))


@pytest.mark.parametrize("change", ["real.mul_(0)", "fake.add_(1)", "real.requires_grad_()", "real.resize_(1, 1)"])
def test_a_loss_that_changes_its_input_changes_no_other(change, play, whole, tmp_path, tally):
    """Whether it trains or is left out with its line: the data stay, and ns has the bits that it has alone."""
    code, _, err = play(source("critic", f"with torch.no_grad(): {change}"))
    tally.fault()
    assert code in (0, 3), err
    assert code == 0 or "mine.py, line" in err
    assert "Traceback" not in err
    assert of_ns(numbers(tmp_path / "runs")) == of_ns(numbers(whole))


def test_it_goes_on_once_it_is_mended(play, tmp_path, tally):
    """The mended file is another objective by its digest: the same command then makes its runs, and only those."""
    place, code, _ = BROKEN["raises in mid-training"]
    assert play(source(place, code))[0] == 3
    tally.fault()
    exit_code, out, _ = play(source(place, ""))
    assert exit_code == 0
    assert "2 new runs, 8 on record" in out


@pytest.mark.full
def test_a_fault_at_step_500(play, tmp_path, tally):
    """What raises long after the step would have been traced is told just the same."""
    code = "if critic(real).mean().item() < 1e9 and len(CALLS) > 500: raise RuntimeError('step 500')"
    exit_code, _, err = play(source("critic", code), "--iterations", "600")
    tally.fault()
    assert exit_code == 3
    assert "step 500" in err
    assert "mine.py, line" in err
    assert {record.row for record in read_all(tmp_path / "runs")[0]} == {"ns", "gmm", "oracle", "untrained"}


def test_an_endless_loss_can_be_interrupted(tmp_path, monkeypatch, tally):
    """A loss that never returns ends at a signal like any other."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(source("critic", "while len(CALLS) > 12: torch.zeros(3).sum()"))
    words = [*ONE, "-o", "mine.py:Mine", "--results", "runs"]
    done = typed(words, tmp_path, ["signal_after", signal.SIGINT, 3.0])
    tally.fault()
    tally.kill()
    assert done.code == 130, done.err
    assert "Traceback" not in done.err


def test_python_is_warned(tmp_path, monkeypatch, tally):
    """From Python, what was left out is a warning with the same sentence, and the records are those of the rest."""
    monkeypatch.chdir(tmp_path)
    place, code, part = BROKEN["raises at once"]
    (tmp_path / "mine.py").write_text(source(place, code))
    with pytest.warns(UserWarning, match=rf"{part}.*mine.py, line \d+"):
        found = api.run(["mine.py:Mine", "ns"], problems=["ring"], seeds=1, iterations=2, results=tmp_path / "runs")
    tally.fault()
    assert {record.row for record in found} == {"ns", "gmm", "oracle", "untrained"}
