"""Conditional games: labels in both networks, in the losses, in the samples and in the record."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from benchmark.engine.fit import critic_for, generator_for
from benchmark.engine.group import form
from benchmark.engine.loop import feed
from benchmark.engine.memory import group_bytes
from benchmark.errors import UserError
from benchmark.networks import NETWORKS
from benchmark.networks.conditional import ConditionalCritic, conditional_generator
from benchmark.problems import PROBLEMS
from benchmark.problems.data import Labels
from benchmark.store import read_all
from objectives.spec import parse
from tests.benchmark.builders import POINTS, group, play
from tests.benchmark.cli_builders import type_in  # noqa: F401

CLASSES = 3
INDEX = torch.arange(64) % CLASSES
LABELS = torch.nn.functional.one_hot(INDEX[:6], CLASSES).float()


def labelled(name="ring"):
    """Return a problem that knows the labels of its first 64 rows."""
    return replace(PROBLEMS[name], labels=Labels(INDEX, INDEX, CLASSES))


def narrow(name):
    """Return a narrow architecture and the shape of its samples."""
    architecture = replace(NETWORKS[name], width=1 / 16)
    return architecture, (2,) if architecture.samples == "points" else (1, 28, 28)


@pytest.mark.parametrize("conditioning", ["input", "projection", "classifier"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_critic_takes_labels(name, conditioning):
    """A label changes scores, or the classes are scored; without batch coupling no other row's does."""
    torch.manual_seed(0)
    architecture, shape = narrow(name)
    critic = ConditionalCritic(architecture.critic("score", shape), conditioning, CLASSES)
    x = torch.rand(6, *shape)
    first, other = (critic(x, labels=LABELS.roll(turn, 0)) for turn in (0, 1))
    assert first.scores.shape == (6,)
    assert (first.logits is not None) == (conditioning == "classifier")
    if conditioning == "classifier":
        assert first.logits.shape == (6, CLASSES)
        assert first.scores.equal(other.scores)
    else:
        assert not first.scores.equal(other.scores)


def test_projection_by_hand():
    """D(x, y) = D(x) + V_y · h(x)."""
    torch.manual_seed(0)
    plain = PROBLEMS["ring"].critic("score")
    critic, x = ConditionalCritic(plain, "projection", CLASSES), torch.randn(6, 2)
    output = plain(x)
    stated = output.scores + (critic.classes.weight[INDEX[:6]] * output.features).sum(1)
    torch.testing.assert_close(critic(x, labels=LABELS).scores, stated)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_generator_takes_labels(name):
    """The noise's weights stay what they were, and a label of a class moves every sample of it."""
    architecture, shape = narrow(name)
    torch.manual_seed(0)
    plain = architecture.generator(shape, None)
    torch.manual_seed(0)
    size = architecture.noise.dimension
    conditional = conditional_generator(architecture.generator(shape, None), size, CLASSES)
    z = torch.randn(6, size)
    unlabelled = conditional(torch.cat([z, torch.zeros(6, CLASSES)], 1))
    torch.testing.assert_close(unlabelled, plain(z))
    assert not conditional(torch.cat([z, LABELS], 1)).allclose(plain(z))


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("spec", ["hinge+projection", "ns+acgan", "ns+label", "wgan-gp+projection+sn", "ns+label+ln"])
def test_conditional_games_play(spec, members):
    """Alone and as one program; real and generated rows share their labels, which are those of the data."""
    whole = form(labelled(), parse(spec), PROBLEMS["ring"].training, range(members), POINTS, 3)
    state, _ = play(whole, stop=3)
    assert state.alive.all()
    batch = next(feed(whole, 0, 1))
    round_ = whole.play.round(batch, 0)
    assert round_.further["labels"].argmax(-1).equal(INDEX[batch.indices[0]])


def test_an_unconditional_game_draws_what_it_always_drew():
    """At one seed data and noise are those of the game without labels."""
    conditional = form(
        labelled(), parse("ns+projection"), group("ns").play and PROBLEMS["ring"].training, (0,), POINTS, 3
    )
    plain = form(labelled(), parse("ns"), PROBLEMS["ring"].training, (0,), POINTS, 3)
    ours, theirs = (next(feed(one, 2, 3)) for one in (conditional, plain))
    assert ours.indices.equal(theirs.indices)
    assert ours.noise.equal(theirs.noise)
    assert plain.labels("evaluation", 5) is None


def test_samples_draw_labels_by_their_share():
    """Three classes of 22, 21 and 21 rows: each is a third of 6,000 samples, whatever number is drawn before."""
    whole = form(labelled(), parse("ns+label"), PROBLEMS["ring"].training, (0, 1), POINTS, 3)
    labels = whole.labels("evaluation", 6_000)
    assert labels.sum(-1).eq(1.0).all()
    torch.testing.assert_close(labels.mean(1), torch.full((2, CLASSES), 1 / 3).to(labels), atol=0.03, rtol=0)
    assert whole.labels("evaluation", 10).equal(labels[:, :10])
    assert whole.sample(whole.start(), 10).shape == (2, 10, 2)


def test_normalised_conditional_critics_normalise_their_heads():
    """The class vectors of projection are a layer like any other."""
    critic = critic_for(labelled(), parse("hinge+projection+sn"))
    assert type(critic.classes).__name__ == "NormalisedLinear"
    assert isinstance(generator_for(labelled(), parse("hinge")), type(PROBLEMS["ring"].generator()))


def test_a_problem_without_labels_is_refused():
    """One sentence names the problem."""
    with pytest.raises(UserError, match="The problem 'ring' has no labels of single samples"):
        group("ns+acgan")


@pytest.mark.parametrize(
    "spec", ["ebgan+projection", "ns+projection+label", "ns+acgan+projection", "ns+label+acgan", "ns+acgan+pac"]
)
def test_what_does_not_fit_is_refused(spec):
    """Energies, two ways at once, packs of several classes."""
    with pytest.raises(ValueError, match=r"labels (need|can enter)|AuxiliaryClassifier|several classes"):
        parse(spec)


def test_a_conditional_row_shows_its_label_accuracy(type_in, tmp_path):  # noqa: F811
    """The record has it next to the problem's scores, and `classes` scores both kinds of rows."""
    code, _, err = type_in(
        *("run", "-p", "ring", "-o", "ns+projection", "-o", "ns", "--seeds", "2", "--iterations", "3"),
        *("--results", tmp_path, "--evaluator", "classes"),
    )
    assert code == 0, err
    records, _ = read_all(tmp_path)
    by_row = {record.row: record for record in records}
    assert 0.0 <= by_row["ns+projection"].scores["label_accuracy"].value <= 1.0
    assert by_row["ns+projection"].identity["classes"] == 8
    assert "label_accuracy" in by_row["ns+projection"].headline
    assert "not generated for given labels" in by_row["ns"].absent["label_accuracy"]


@pytest.mark.full
@pytest.mark.parametrize(
    "spec", ["hinge+projection", "ns+acgan", "ns+label", "wgan-gp+projection+sn", "kl-wgan+label+gn"]
)
@pytest.mark.parametrize("name", NETWORKS)
def test_conditional_games_play_on_every_architecture(name, spec, monkeypatch):
    """Three iterations of two members on each."""
    architecture, shape = narrow(name)
    monkeypatch.setitem(NETWORKS, name, architecture)
    problem = labelled("mnist" if len(shape) == 3 else "ring").configured(name)
    data = torch.rand(64, *shape, generator=torch.Generator().manual_seed(0))
    whole = form(problem, parse(spec), replace(problem.training, batch=4), (0, 1), data, 3)
    state, _ = play(whole, stop=3)
    assert state.alive.all()
    assert whole.sample(state, 5).shape == (2, 5, *shape)


def test_the_memory_of_a_conditional_group_is_measured():
    """Its labels are stored with the data; a second member needs more."""
    training = PROBLEMS["ring"].training
    one, two = (group_bytes(labelled(), parse("ns+projection"), training, members, POINTS) for members in (1, 2))
    assert 0 < one < two
