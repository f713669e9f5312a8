"""`gan-bench check` from end to end."""

from __future__ import annotations

import dataclasses
import json

import pytest

import objectives.laws.verdict as verdict
from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from objectives.laws import LAWS
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, type_in

__all__ = ["type_in"]

MINE = '''
from dataclasses import dataclass, replace
from objectives import NonSaturating

@dataclass(frozen=True)
class Right(NonSaturating):
    """A loss like any other."""

    margin: float = 1.0


@dataclass(frozen=True)
class Detached(NonSaturating):
    """A critic that hides the generator."""

    def critic_loss(self, critic, real, fake, game):
        return super().critic_loss(critic, real, fake.detach(), game)


@dataclass(frozen=True)
class Raises(NonSaturating):
    """A loss that fails."""

    def generator_loss(self, critic, real, fake, game):
        raise RuntimeError("\x1b[31m[bold]no")


@dataclass(frozen=True)
class Fading(NonSaturating):
    """A loss that fades during training."""

    def generator_loss(self, critic, real, fake, game):
        return (1.0 - game.progress) * super().generator_loss(critic, real, fake, game)


@dataclass(frozen=True)
class Declared(Fading):
    """The same loss, which says so."""

    traits = replace(NonSaturating().traits, sees_progress=True)
'''


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Put a user's file into the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_losses.py").write_text(MINE)


def test_everything_is_as_expected(type_in, tmp_path):
    """`--all` passes, and every version as shipped is counted apart with the laws it breaks by name."""
    code, out, err = type_in("check", "--all", "--json", tmp_path / "check.json")
    assert code == 0
    assert "Traceback" not in err
    games, shipped = len(OBJECTIVES) + len(WRAPPERS), len(AS_SHIPPED)
    assert f"{games} of {games} objectives, alone or wrapped, satisfy every law" in out
    assert f"{shipped} of {shipped} versions as shipped" in out
    lines = {line.split()[0]: line for line in out.splitlines() if line and line[0] != " "}
    for name, one in AS_SHIPPED.items():
        assert all(law in lines[name] for law in one.breaks)
        assert ("expected failure" in lines[name]) == bool(one.breaks)
    found = json.loads((tmp_path / "check.json").read_text())
    assert found["as_expected"]
    assert [one["name"] for one in found["objectives"] if one["as_shipped"]] == list(AS_SHIPPED)


@pytest.mark.parametrize(
    ("names", "unproven"),
    [
        (("ns", "wgan-gp", "r3gan", "began", "mmd", "cramer", "mmd-fixed", "ebgan-pt", "wgan", "ns+lecam+history"), ""),
        (("ns+noise", "hinge+topk+pac", "ns+gn", "hinge+san", "ns+acgan+sn", "ot-gan"), ""),
        (("ns", "my_losses.py:Right+r1"), "Right"),
    ],
)
def test_what_no_formula_proves_is_named(type_in, mine, tmp_path, names, unproven):
    """A game whose values no law compares with a formula is not left to look proven."""
    code, out, _ = type_in("check", *names, "--json", tmp_path / "check.json")
    assert code == 0
    told = " ".join(out.split())
    assert (f"There is no reference formula for {unproven}: the laws show" in told) == bool(unproven)
    found = json.loads((tmp_path / "check.json").read_text())["objectives"]
    assert {part for one in found for part in one["without_formula"]} == set(filter(None, unproven.split(", ")))


def test_every_law_is_printed_with_expected_and_seen(type_in):
    """A named objective's report has a pair of lines for each law."""
    code, out, _ = type_in("check", "ns")
    assert code == 0
    for law in LAWS:
        assert f"  {law} " in out
    assert out.count(" expected: ") - out.count("as expected: ") == len(LAWS)
    assert out.count("observed: ") + out.count("does not apply: ") == len(LAWS)


@pytest.mark.parametrize("name", ["my_losses.py:Right", "my_losses.py:Right:margin=2", "my_losses.py:Right+r1"])
def test_a_users_objective_that_keeps_the_laws_passes(type_in, mine, name):
    """A file's class is checked like any other."""
    code, out, _ = type_in("check", name)
    assert code == 0
    assert f"{name}: " in out


@pytest.mark.parametrize("name", ["hinge:margin=2", "hinge:margin=0.5", "ebgan:margin=0.5", "ebgan:margin=0.2"])
def test_settings_of_the_users_break_no_law(type_in, name):
    """A margin at which a hinge is linear, or stands at a round score, is no fault of the objective."""
    assert type_in("check", name)[0] == 0


@pytest.mark.parametrize(
    ("name", "law"), [("Detached", "differentiable"), ("Raises", "scalar"), ("Fading", "progress")]
)
def test_a_users_objective_that_breaks_a_law_fails(type_in, mine, name, law):
    """Exit code 4, the law by name, and a harmless text whatever it raised."""
    code, out, _ = type_in("check", "ns", f"my_losses.py:{name}")
    assert code == 4
    assert f"FAILS  {law} " in out
    assert "1 of 2 objectives, alone or wrapped, satisfy every law" in out
    assert "\x1b" not in out


def test_a_loss_that_sees_progress_must_say_so(type_in, mine):
    """One sentence names the part and the trait; with the trait the loss passes."""
    code, out, _ = type_in("check", "my_losses.py:Fading")
    assert code == 4
    told = " ".join(out.split())
    assert "generator_loss at progress 0.1 differs from that at 0; set sees_progress=True in its traits" in told
    assert type_in("check", "my_losses.py:Declared")[0] == 0


def test_an_expected_failure_alone_is_no_failure(type_in):
    """A version as shipped fails by its law and exits with 0."""
    code, out, _ = type_in("check", "as-shipped/torchgan-wgan-gp")
    assert code == 0
    assert "expected failure: breaks slope" in out
    assert "games" not in out


@pytest.mark.parametrize("breaks", [(), ("slope", "order"), ("order",)])
def test_a_version_that_breaks_other_laws_than_told_fails(type_in, monkeypatch, breaks):
    """Too few, too many or other broken laws than its entry names give exit code 4."""
    name = "as-shipped/torchgan-wgan-gp"
    changed = dataclasses.replace(AS_SHIPPED[name], breaks=breaks)
    monkeypatch.setattr(verdict, "AS_SHIPPED", {name: changed})
    code, out, _ = type_in("check", name)
    assert code == 4
    assert "NOT as expected" in out


@pytest.mark.parametrize("names", [(), ("hing",), ("ns", "ns+r7"), ("no.py:A",), *((name,) for name in HOSTILE)])
def test_a_wrong_name_is_one_sentence(type_in, tmp_path, names):
    """Nothing is checked or written where one name is wrong."""
    assert is_one_sentence(*type_in("check", *names, "--json", tmp_path / "check.json"))
    assert not list(tmp_path.iterdir())


def test_a_file_that_leaves_is_one_sentence(type_in, tmp_path):
    """A script that exits while it is imported does not pass for a success."""
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(0)\n")
    assert is_one_sentence(*type_in("check", f"{tmp_path / 'leaves.py'}:A"))
