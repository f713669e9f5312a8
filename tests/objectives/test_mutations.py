"""Laws can fail: each wrong change of a right class is caught by a law, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from torch.nn.functional import relu, softplus

import objectives as o
from objectives.alpha import alpha_loss
from objectives.base import Objective
from objectives.drifting import drift
from objectives.kernel import distances
from objectives.laws import LAWS
from objectives.relativistic import RelativisticAverage
from objectives.spec import parse


class Mutation(NamedTuple):
    """One wrong change: the game that shows it, the method that is replaced, and the law that must fail."""

    what: str
    spec: str
    cls: type
    method: str
    wrong: Callable[..., Any]
    law: str


def pulling(real, fake, own):
    """Return NS's losses with a sign before each of the three scores."""

    def critic_loss(s, c, r, f, g):
        return softplus(real * c(r)).mean() + softplus(fake * c(f)).mean()

    return critic_loss, lambda s, c, r, f, g: softplus(own * c(f)).mean()


def halved(right):
    """Halve what a method gives."""
    return lambda *given: right(*given) / 2


def negated(right):
    """Turn the sign of what a method gives."""
    return lambda *given: -right(*given)


def at(side):
    """Take a slope at the samples of one side."""
    return lambda s, r, f, g: (r if side == "real" else f,)


def lecam_of_its_own_side(s, c, r, f, g):
    """Anchor each side at its own average, without the bias being taken off."""
    seen = g.state["lecam_seen"]
    real, fake = g.state["lecam_real"] / seen, g.state["lecam_fake"] / seen
    return s.weight * ((c(r) - real).square().mean() + (c(f) - fake).square().mean())


def backwards(s, c, r, f, g):
    """Move BEGAN's k the wrong way."""
    return {"k": (g.state["k"] - s.rate * (s.gamma * c(r).mean() - c(f).mean())).clamp(0, 1)}


class Counter:
    """A next state that depends on how often it was asked: once under vmap, once a member without."""

    calls = 0

    @classmethod
    def next_state(cls, s, c, r, f, g):
        """Return k and count."""
        cls.calls += 1
        return {"k": g.state["k"] * 0.0 + cls.calls / 100}


class Shrinking:
    """A constraint that depends on how often it was asked."""

    calls = 0

    @classmethod
    def constrain(cls, s, p):
        """Clip, closer every time."""
        cls.calls += 1
        return p.clamp(-s.bound / cls.calls, s.bound / cls.calls)


FORM, SLOPE, TERM = "closed form", "slope", "added term"
LOSSES = [
    (
        "ns: the mean before the softplus",
        "ns",
        o.NonSaturating,
        "generator_loss",
        lambda s, c, r, f, g: softplus(-c(f).mean()),
    ),
    (
        "minimax: the mean before the softplus",
        "minimax",
        o.Minimax,
        "generator_loss",
        lambda s, c, r, f, g: -softplus(c(f).mean()),
    ),
    (
        "lsgan: the mean before the square",
        "lsgan",
        o.LeastSquares,
        "generator_loss",
        lambda s, c, r, f, g: (c(f).mean() - s.c).square() / 2,
    ),
    (
        "bgan: the mean before the square",
        "bgan",
        o.BoundarySeeking,
        "generator_loss",
        lambda s, c, r, f, g: c(f).mean().square() / 2,
    ),
    (
        "rasgan: the critic on means",
        "rasgan",
        RelativisticAverage,
        "critic_loss",
        lambda s, c, r, f, g: 2 * softplus(c(f).mean() - c(r).mean()),
    ),
    (
        "feature matching: the square before the mean",
        "feature-matching",
        o.FeatureMatching,
        "generator_loss",
        lambda s, c, r, f, g: (c.features(r).mean(0) - c.features(f)).square().sum(1).mean(),
    ),
    ("began: plus k", "began", o.BEGAN, "critic_loss", lambda s, c, r, f, g: c(r).mean() + g.state["k"] * c(f).mean()),
    ("began: no k", "began", o.BEGAN, "critic_loss", lambda s, c, r, f, g: c(r).mean()),
    (
        "mmd: the critic's sign",
        "mmd",
        o.MMD,
        "critic_loss",
        lambda s, c, r, f, g: s.distance(c.features(r), c.features(f)) + s.weight * s.penalty(c, r, f, g),
    ),
    ("mmd: no penalty", "mmd", o.MMD, "critic_loss", lambda s, c, r, f, g: -s.distance(c.features(r), c.features(f))),
    (
        "mmd: the cross term once",
        "mmd",
        o.MMD,
        "distance",
        lambda s, x, y: s.k(x, x).mean() + s.k(y, y).mean() - s.k(x, y).mean(),
    ),
    ("cramer: the generator halved", "cramer", o.Cramer, "generator_loss", halved(o.Cramer.generator_loss)),
    (
        "cramer: without the spreads",
        "cramer",
        o.Cramer,
        "generator_loss",
        lambda s, c, r, f, g: 2 * distances(c.features(r), c.features(f)).mean(),
    ),
    (
        "mmd-fixed: means matched",
        "mmd-fixed",
        o.FixedMMD,
        "generator_loss",
        lambda s, c, r, f, g: (r.mean(0) - f.mean(0)).square().sum(),
    ),
]
LOSSES += [
    (
        "alpha: the exponent upside down",
        "alpha:critic_alpha=2",
        o.AlphaGAN,
        "critic_loss",
        lambda s, c, r, f, g: (
            alpha_loss(c(r), 1 / s.critic_alpha).mean() + alpha_loss(-c(f), 1 / s.critic_alpha).mean()
        ),
    ),
    ("lk: squared", "lk", o.LeastKth, "generator_loss", lambda s, c, r, f, g: (c(f) - s.c).square().mean()),
    ("kl-wgan: no weights", "kl-wgan", o.KLWasserstein, "weigh", lambda s, scores: scores),
    ("fisher: the multiplier's sign", "fisher", o.Fisher, "shortfall", negated(o.Fisher.shortfall)),
    (
        "swg: no order",
        "swg",
        o.SlicedWasserstein,
        "generator_loss",
        lambda s, c, r, f, g: (c.features(r) - c.features(f)).square().mean(),
    ),
    (
        "drifting: away from the data",
        "drifting",
        o.Drifting,
        "generator_loss",
        lambda s, c, r, f, g: (f - o.stop_gradient(f - sum(drift(f, r, t) for t in (0.02, 0.05, 0.2)))).square().mean(),
    ),
]
COSTS = [
    ("r1: no half", "ns+r1", o.R1, "cost", lambda s, q: s.gamma * q),
    ("r1: a reward", "ns+r1", o.R1, "cost", negated(o.R1.cost)),
    ("gp: centred at zero", "wgan-gp", o.OneCentred, "cost", lambda s, q: s.weight * q),
    ("lp: the other side", "wgan-lp", o.OneSided, "cost", lambda s, q: s.weight * relu(1 - q.sqrt()).square()),
    ("div: no half of the power", "wgan-div", o.WassersteinDivergence, "cost", lambda s, q: s.weight / 2 * q**s.power),
    ("r1: at the fakes", "ns+r1", o.R1, "points", at("fake")),
    ("r2: at the data", "ns+r2", o.R2, "points", at("real")),
    ("gp: at the data", "wgan-gp", o.OneCentred, "points", at("real")),
    ("lp: at the fakes", "wgan-lp", o.OneSided, "points", at("fake")),
    ("gp0: at the data", "ns+gp0", o.ZeroCentred, "points", at("real")),
    ("div: at the data alone", "wgan-div", o.WassersteinDivergence, "points", lambda s, r, f, g: (r, r)),
    ("dragan: at the data", "dragan", o.NearData, "points", at("real")),
    (
        "dragan: no alpha",
        "dragan",
        o.NearData,
        "points",
        lambda s, r, f, g: (r + s.spread * r.std() * g.uniform("near data", r.shape),),
    ),
]
TERMS = [
    ("lecam: anchors swapped", "ns+lecam", o.LeCam, "critic_term", lecam_of_its_own_side),
    ("pt: a reward", "ebgan-pt", o.PullingAway, "generator_term", negated(o.PullingAway.generator_term)),
    ("fm: a reward", "ns+fm", o.MatchFeatures, "generator_term", negated(o.MatchFeatures.generator_term)),
    ("cr: halved", "ns+cr", o.Consistency, "critic_term", halved(o.Consistency.critic_term)),
    (
        "history: halved",
        "ns+history",
        o.HistoricalAveraging,
        "generator_term",
        halved(o.HistoricalAveraging.generator_term),
    ),
]
OTHERS = [
    ("began: k moves backwards", "began", o.BEGAN, "next_state", backwards, "state"),
    (
        "san: no direction",
        "hinge+san",
        o.Sliced,
        "critic_loss",
        lambda s, c, r, f, g: s.objective.critic_loss(c, r, f, g),
        "slicing",
    ),
    (
        "ot-gan: matched within one side alone",
        "ot-gan",
        o.OptimalTransport,
        "critic_loss",
        lambda s, c, r, f, g: s.distance(c, r, r, g),
        "transport",
    ),
    (
        "ot-gan: the sign",
        "ot-gan",
        o.OptimalTransport,
        "generator_loss",
        negated(o.OptimalTransport.distance),
        "transport",
    ),
    (
        "noise: no decay",
        "ns+noise",
        o.InstanceNoise,
        "noisy",
        lambda s, x, g, p: x + s.std * g.normal(p, x.shape),
        "wrapped",
    ),
    ("topk: all", "ns+topk", o.TopK, "kept", lambda s, count, progress: 0.0 * progress + count, "wrapped"),
    ("diffaug: nothing", "ns+diffaug", o.DifferentiablyAugmented, "augment", lambda s, x, g, p: x, "wrapped"),
    (
        "gn: plain scores",
        "ns+gn",
        o.GradientNormalised,
        "generator_loss",
        lambda s, c, r, f, g: s.objective.generator_loss(c, r, f, g),
        "wrapped",
    ),
    ("acgan: a reward", "ns+acgan", o.AuxiliaryClassifier, "error", negated(o.AuxiliaryClassifier.error), TERM),
    ("zcr: a reward", "ns+zcr", o.LatentConsistency, "critic_term", negated(o.LatentConsistency.critic_term), TERM),
    (
        "fisher: λ moves backwards",
        "fisher",
        o.Fisher,
        "next_state",
        lambda s, c, r, f, g: {"lambda": g.state["lambda"] + s.rho * s.shortfall(c(r), c(f))},
        "state",
    ),
    (
        "lecam: the averages stand still",
        "ns+lecam",
        o.LeCam,
        "next_state",
        lambda s, c, r, f, g: {key: g.state[key] for key in ("lecam_real", "lecam_fake", "lecam_seen")},
        "state",
    ),
    (
        "ns: a loss that fades",
        "ns",
        o.NonSaturating,
        "critic_loss",
        lambda s, c, r, f, g: (1.0 - g.progress) * (softplus(-c(r)).mean() + softplus(c(f)).mean()),
        "progress",
    ),
    (
        "began: a rate that fades",
        "began",
        o.BEGAN,
        "next_state",
        lambda s, c, r, f, g: {"k": (g.state["k"] + (1.0 - g.progress) * s.rate * c(r).mean()).clamp(0, 1)},
        "progress",
    ),
    (
        "lecam: a term that starts late",
        "ns+lecam",
        o.LeCam,
        "critic_term",
        lambda s, c, r, f, g: (g.progress > 0.9) * c(r).square().mean(),
        "progress",
    ),
    ("clip: lopsided", "wgan", o.Clip, "constrain", lambda s, p: p.clamp(-s.bound, 2 * s.bound), "constraint"),
    ("clip: no projection", "wgan", o.Clip, "constrain", lambda s, p: p / 2, "constraint"),
    ("clip: nothing", "wgan", o.Clip, "constrain", lambda s, p: p, "bounded"),
    ("gp: costs nothing", "wgan-gp", o.OneCentred, "cost", lambda s, q: 0.0 * q, "bounded"),
    ("began: a state with a memory of its own", "began", o.BEGAN, "next_state", Counter.next_state, "vmap"),
    ("clip: a constraint with a memory of its own", "wgan", o.Clip, "constrain", Shrinking.constrain, "vmap"),
]
MUTATIONS = [
    *(Mutation(*each, FORM) for each in LOSSES),
    *(Mutation(*each, SLOPE) for each in COSTS),
    *(Mutation(*each, TERM) for each in TERMS),
    *(Mutation(*each) for each in OTHERS),
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.what)
def test_a_wrong_change_is_caught_by_its_law(monkeypatch, mutation):
    """The law holds for the class as it is and fails, without raising, for the changed one."""
    game: Objective = parse(mutation.spec)
    assert LAWS[mutation.law](game).passed
    wrong = mutation.wrong
    monkeypatch.setattr(mutation.cls, mutation.method, lambda *given: wrong(*given))
    assert LAWS[mutation.law](game).passed is False


def test_a_law_is_tried_with_every_kind_of_mutation():
    """Each law that compares with a formula has caught something."""
    assert {"closed form", "slope", "added term", "state", "constraint", "bounded", "vmap", "progress"} <= {
        m.law for m in MUTATIONS
    }


@pytest.mark.parametrize("real", [1, -1])
@pytest.mark.parametrize("fake", [1, -1])
@pytest.mark.parametrize("own", [1, -1])
def test_players_that_do_not_pull_against_each_other_are_told(real, fake, own, monkeypatch):
    """Of the eight ways to put signs before three scores two are games: the paper's, and its mirror image."""
    critic, generator = pulling(real, fake, own)
    monkeypatch.setattr(o.NonSaturating, "critic_loss", critic)
    monkeypatch.setattr(o.NonSaturating, "generator_loss", generator)
    assert LAWS["opposed"](o.NonSaturating()).passed is (real == own == -fake)


@dataclass(frozen=True)
class Ascending(o.Objective):
    """A user's objective whose state is said to rise with both scores."""

    traits = o.Traits(state_signs={"a": (1, 0)})
    sign: float = 1.0

    def critic_loss(self, critic, real, fake, game):
        """Return a loss that the state weighs."""
        return softplus(-critic(real)).mean() + game.state["a"] * critic(fake).mean()

    def generator_loss(self, critic, real, fake, game):
        """Return a loss."""
        return -critic(fake).mean()

    def initial_state(self, game):
        """Begin at 0."""
        return {"a": 0.0 * game.progress}

    def next_state(self, critic, real, fake, game):
        """Move by the real scores."""
        return {"a": game.state["a"] + self.sign * critic(real).mean()}


@pytest.mark.parametrize(("sign", "kept"), [(1.0, True), (-1.0, False), (0.0, False)])
def test_a_users_state_is_held_to_its_declared_sign(sign, kept):
    """A wrong sign of an update is no mistake that a formula of ours could find; the declared response is."""
    result = LAWS["state"](Ascending(sign=sign))
    assert result.passed is kept
    assert kept or "it is declared" in result.seen or "declared: it rises" in result.seen
