"""Every law on every objective, wrapper and version as shipped; and the laws themselves on wrong objectives."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS, NonSaturating, Objective, Traits, example_of
from objectives.laws import LAWS, check, check_shipped
from objectives.spec import parse

COMPOSED = [
    *map(example_of, WRAPPERS),
    *(f"rsgan+{name}" for name in ("gp", "lecam", "cr", "noise", "pac", "topk", "fm", "r1")),
    *(f"ebgan+{name}" for name in ("r1", "lecam", "pt", "noise", "pac", "topk", "gp0")),
    "cramer+noise",
    "alpha:critic_alpha=1,generator_alpha=2",
    "alpha:saturating=yes,critic_alpha=2,generator_alpha=.5",
    "drifting+noise",
    "fgan-kl:trick=yes",
    "fgan-rkl:trick=yes",
    "hinge+lecam+cr:balanced=yes+pac",
    "lsgan:a=-1,b=1,c=0,smoothing=.1",
    "mmd+pac:m=3",
    "mmd:kernel=rbf",
    "kl-wgan+sn+gp",
    "hinge+projection+gp",
    "hinge+san+pac:m=3",
    "rsgan+acgan+noise",
    "hinge:margin=.5+san+r1",
    "lk:k=1",
    "rsgan+zcr+pac",
    "rsgan+gn+pac:m=3",
    "wasserstein+gn",
    "ns+topk+noise:decay=no+r1+pac:m=3",
    "ns:smoothing=.2",
    "wgan-gp+pac:m=3",
]
ALWAYS = ("scalar", "finite", "order", "differentiable", "reaches", "vmap", "constraint", "identity")


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("spec", [*OBJECTIVES, *COMPOSED])
def test_every_objective_keeps_every_law_that_applies(spec, law):
    """A law that applies to a game of the catalogue holds for it, and none escapes by declaring that most do not."""
    result = LAWS[law](parse(spec))
    assert result.name == law
    assert result.passed or (result.passed is None and law not in ALWAYS), f"{result.expected}; seen: {result.seen}"


@pytest.mark.parametrize("name", AS_SHIPPED)
def test_a_version_as_shipped_breaks_the_laws_it_is_said_to_break(name):
    """The deviating version fails exactly the laws named in its entry; a convention fails none."""
    failed = {result.name for result in check_shipped(name) if result.passed is False}
    assert failed == set(AS_SHIPPED[name].breaks)


@pytest.mark.parametrize(
    "spec", ["wgan:bound=5", "wgan:bound=200", "wgan:bound=1e6", "wgan-gp:weight=1e-5", "wgan-div:weight=1e-6"]
)
def test_a_setting_far_from_the_default_breaks_no_law(spec):
    """A wide box is a box, and a small weight is a bound: neither law knows a scale."""
    for law in ("constraint", "bounded"):
        assert LAWS[law](parse(spec)).passed


@pytest.mark.parametrize("spec", ["wgan-gp:weight=0", "wasserstein+gp:weight=0", "cramer:weight=0"])
def test_a_bound_without_weight_is_none(spec):
    """A penalty that costs nothing leaves the loss falling, and the law says so."""
    assert LAWS["bounded"](parse(spec)).passed is False


def test_at_least_eight_versions_deviate():
    """The family holds at least eight real deviations, and tells a convention as one."""
    deviations = [name for name, shipped in AS_SHIPPED.items() if shipped.breaks]
    conventions = [shipped.deviation for shipped in AS_SHIPPED.values() if not shipped.breaks]
    assert len(deviations) >= 8
    assert all("convention" in deviation for deviation in conventions)


@dataclass(frozen=True)
class Detached(NonSaturating):
    """A critic's loss that hides the generator."""

    def critic_loss(self, critic, real, fake, game):
        """Return a loss."""
        return super().critic_loss(critic, real, fake.detach(), game)


@dataclass(frozen=True)
class Column(NonSaturating):
    """A loss that forgets to reduce."""

    def generator_loss(self, critic, real, fake, game):
        """Return a loss."""
        return torch.nn.functional.softplus(-critic(fake))


@dataclass(frozen=True)
class FirstCounts(NonSaturating):
    """A loss that looks at the first sample alone."""

    def generator_loss(self, critic, real, fake, game):
        """Return a loss."""
        return -critic(fake)[0]


@dataclass(frozen=True)
class Overflowing(NonSaturating):
    """A loss through exp and log."""

    def critic_loss(self, critic, real, fake, game):
        """Return a loss."""
        return (1 + (-critic(real)).exp()).log().mean() + (1 + critic(fake).exp()).log().mean()


@dataclass(frozen=True)
class Reckless(Objective):
    """A loss that raises."""

    def critic_loss(self, critic, real, fake, game):
        """Return a loss."""
        raise RuntimeError("no\nluck")

    generator_loss = critic_loss


@dataclass(frozen=True)
class WrongShift(NonSaturating):
    """A loss that claims what is not so."""

    traits = Traits(shift_invariant=True)


@dataclass(frozen=True)
class CrossBatch(NonSaturating):
    """A loss that mixes members: it looks at global randomness."""

    def generator_loss(self, critic, real, fake, game):
        """Return a loss."""
        return critic(fake).mean() * torch.rand(())


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        (Detached(), "differentiable"),
        (Column(), "scalar"),
        (FirstCounts(), "order"),
        (Overflowing(), "finite"),
        (Reckless(), "scalar"),
        (WrongShift(), "shift"),
        (CrossBatch(), "scalar"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_the_laws_catch_wrong_objectives(wrong, law):
    """An objective with a common mistake fails the law that forbids it, on one line and without raising."""
    results = {result.name: result for result in check(wrong)}
    assert results[law].passed is False
    assert "\n" not in results[law].seen


@dataclass(frozen=True)
class AutogradInside(NonSaturating):
    """R1 by torch.autograd.grad, as most users write it."""

    def critic_loss(self, critic, real, fake, game):
        """Return a loss."""
        real = real.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(real).sum(), real, create_graph=True)
        return super().critic_loss(critic, real, fake, game) + gradient.square().sum(1).mean()


def test_what_does_not_vmap_is_told_and_not_failed():
    """An objective with torch.autograd.grad inside runs one member at a time, and one sentence says so."""
    result = LAWS["vmap"](AutogradInside())
    assert result.passed is None
    assert "one member at a time" in result.seen


@dataclass(frozen=True)
class Branching(NonSaturating):
    """Asks a float setting in Python."""

    weight: float = 1.0

    def generator_loss(self, critic, real, fake, game):
        """Branch on it."""
        loss = super().generator_loss(critic, real, fake, game)
        return loss * self.weight if self.weight > 0 else loss


def test_settings_that_cannot_be_stacked_are_told_from_members_that_cannot():
    """Members of equal settings still train at once, and are held to what they give one after another."""
    result = LAWS["vmap"](Branching())
    assert result.passed
    assert "cannot be stacked" in result.seen


@dataclass(frozen=True)
class MeanMatching(Objective):
    """A generator whose loss is flat where all scores agree."""

    sign: float = 1.0

    def critic_loss(self, critic, real, fake, game):
        """Pull both means apart."""
        return -self.sign * (critic(real).mean() - critic(fake).mean()).square()

    def generator_loss(self, critic, real, fake, game):
        """Pull them together."""
        return (critic(real).mean() - critic(fake).mean()).square()


def test_a_loss_of_differences_is_asked_off_the_diagonal():
    """It looks at scores though its slope is zero where they agree; with the sign wrong the players pull together."""
    assert LAWS["opposed"](MeanMatching()).passed is True
    assert LAWS["opposed"](MeanMatching(sign=-1.0)).passed is False
