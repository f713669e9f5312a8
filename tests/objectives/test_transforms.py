"""Wrappers that change the samples: noise, packs, the best k."""

from __future__ import annotations

import pytest
import torch

from objectives import OBJECTIVES, InstanceNoise, NonSaturating, Packed, RelativisticPairing, TopK
from objectives.laws.stage import LineCritic, Stage
from objectives.spec import parse
from tests.objectives.builders import column, game_at


def normal(*shape, seed=0):
    """Draw a standard normal tensor in float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(
    ("progress", "decay", "std"), [(0.0, True, 0.4), (0.5, True, 0.2), (1.0, True, 0.0), (1.0, False, 0.4)]
)
def test_instance_noise_decays_linearly(progress, decay, std):
    """The noise has s (1 - t) standard deviations, and s throughout if it does not decay."""
    game = game_at(progress)
    noisy = InstanceNoise(NonSaturating(), std=0.4, decay=decay).noisy(torch.zeros(4000, 1).double(), game, "any")
    assert noisy.std().item() == pytest.approx(std, rel=0.05, abs=1e-12)


def test_both_players_see_noise_on_both_sides():
    """Real and fake batches get draws of their own, and both losses see them."""
    game, real, fake = game_at(), column(1, 2, 3), column(-1, 0, 1)
    objective = InstanceNoise(RelativisticPairing(), std=0.5)
    noisy_real = real + 0.5 * game.normal("instance noise real", (3, 1))
    noisy_fake = fake + 0.5 * game.normal("instance noise fake", (3, 1))
    assert not torch.equal(noisy_real - real, noisy_fake - fake)
    for loss in ("critic_loss", "generator_loss"):
        stated = getattr(RelativisticPairing(), loss)(LineCritic(), noisy_real, noisy_fake, game)
        assert getattr(objective, loss)(LineCritic(), real, fake, game) == stated


@pytest.mark.parametrize("spec", ["ns", "wgan-gp", "rsgan+r1", "hinge+lecam", "mmd", "ebgan-pt"])
def test_packing_judges_the_concatenated_points(spec):
    """A game on packs of m points is the plain game on points of m times the dimensions: losses and gradients."""
    packed = Stage.of(Packed(parse(spec), m=2))
    plain = Stage.of(parse(spec))
    rows = packed.real.shape[0] // 2

    class Flat:
        """The packed critic as a critic of flat rows."""

        def __init__(self, critic):
            self.critic = critic

        def __call__(self, x):
            return self.critic(x.reshape(-1, 2))

        def features(self, x):
            return self.critic.features(x.reshape(-1, 2))

    fake = normal(2 * rows, 2, seed=3)
    critic = packed.critic(packed.critic_parameters)
    game = packed.game(packed.critic_parameters, packed.generator_parameters)
    ours = packed.objective.critic_loss(critic, packed.real, fake, game)
    flat = plain.objective.critic_loss(Flat(critic), packed.real.reshape(rows, 4), fake.reshape(rows, 4), game)
    torch.testing.assert_close(ours, flat)


def test_packing_hands_the_engine_its_own_tensors():
    """The critic is called on the very objects `real` and `fake`, so that one pass can score both."""
    seen = []

    class Spy(LineCritic):
        def __call__(self, x):
            seen.append(x)
            return super().__call__(x)

    real, fake = normal(6, 1), normal(6, 1, seed=1)
    Packed(NonSaturating(), m=3).critic_loss(Spy(3), real, fake, game_at())
    assert [any(x is known for known in (real, fake)) for x in seen] == [True, True]


def test_a_batch_must_hold_whole_packs():
    """Five points make no packs of two, and one sentence says so."""
    with pytest.raises(ValueError, match="'5' points cannot be divided into packs of 2"):
        Packed(NonSaturating(), m=2).critic_loss(LineCritic(2), normal(5, 1), normal(5, 1), game_at())


@pytest.mark.parametrize(("progress", "kept"), [(0.0, 64), (0.25, 46), (0.5, 32), (1.0, 32)])
def test_top_k_falls_geometrically(progress, kept):
    """K = ⌈B max(ν, ν^(t/τ))⌉ with ν = τ = ½: 64, ⌈64·0.7071⌉ = 46, 32, 32."""
    moment = torch.tensor(progress)
    assert TopK(NonSaturating()).kept(64, moment).item() == kept


@pytest.mark.parametrize("spec", ["ns", "minimax", "wgan-gp", "rsgan", "lsgan", "bgan", "fgan-kl"])
def test_top_k_is_the_loss_of_the_best_fakes(spec):
    """The generator's loss is the plain loss on the k highest-scoring fakes (and their partners)."""
    real, fake = normal(8, 1), normal(8, 1, seed=1)
    inner = parse(spec)
    best = fake[:, 0].topk(4).indices
    loss = TopK(inner, share=0.5).generator_loss(LineCritic(), real, fake, game_at(1.0))
    stated = inner.generator_loss(LineCritic(), real[best], fake[best], game_at(1.0))
    torch.testing.assert_close(loss, stated)


def test_top_k_of_an_energy_keeps_the_lowest():
    """Under an energy critic the most real fakes have the lowest energies."""
    fake = column(1, 5, 2, 9)
    loss = TopK(parse("ebgan"), share=0.5).generator_loss(LineCritic(), fake, fake, game_at(1.0))
    assert loss.item() == pytest.approx(1.5)


def test_top_k_leaves_the_critic_alone():
    """The critic's loss is the plain one."""
    real, fake = normal(8, 1), normal(8, 1, seed=1)
    assert TopK(NonSaturating()).critic_loss(LineCritic(), real, fake, game_at(1.0)) == NonSaturating().critic_loss(
        LineCritic(), real, fake, game_at(1.0)
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_separable_is_declared_rightly(name):
    """Where a score objective declares that its generator's loss is a mean over samples, it is one."""
    objective = parse(name)
    if not objective.traits.separable or objective.traits.critic_kind not in ("score", "energy"):
        with pytest.raises(ValueError, match="top-k needs"):
            TopK(objective)
        return
    real, fake = normal(6, 1).abs(), normal(6, 1, seed=1).abs()
    whole = objective.generator_loss(LineCritic(), real, fake, game_at())
    ones = [
        objective.generator_loss(LineCritic(), r[None], f[None], game_at()) for r, f in zip(real, fake, strict=True)
    ]
    torch.testing.assert_close(whole, torch.stack(ones).mean())
