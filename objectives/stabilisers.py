"""Stabilisers that add a term or keep a state, for any objective with a suitable critic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from objectives.base import Critic, Game
from objectives.compose import Penalty
from objectives.ranges import not_negative, within
from objectives.search import SCALE, Searched, weight
from objectives.traits import Added, CriticKind

ANY_CRITIC: tuple[CriticKind, ...] = ("score", "energy", "embedding")


def pulling_away(codes: Tensor) -> Tensor:
    """Measure the similarity of the codes of a batch (Zhao et al., 2017, arXiv:1609.03126, eq. 4).

    f_PT(S) = 1/(N(N-1)) Σ_i Σ_{j≠i} (S_i·S_j / ‖S_i‖‖S_j‖)²,  0 for orthogonal codes, 1 for identical ones.

    Args:
        codes: Encoder outputs [N, F], N ≥ 2.
    """
    count = codes.shape[0]
    if count < 2:
        raise ValueError(f"the pulling-away term compares pairs and needs a batch of at least 2, got '{count}'")
    directions = normalize(codes, dim=1)
    cosines = directions @ directions.T
    return (cosines.square().sum() - cosines.diagonal().square().sum()) / (count * (count - 1))


@dataclass(frozen=True)
class PullingAway(Penalty):
    """Pulling-away term (Zhao et al., 2017, arXiv:1609.03126).

    generator  + w · f_PT(S)     f_PT = 1/(N(N-1)) Σ_i Σ_{j≠i} cos²(S_i, S_j),  S: the codes of the generated batch
    """

    traits = Added(critics=ANY_CRITIC, separable=False)
    searched: ClassVar[Mapping[str, Searched]] = {"weight": weight(0.1)}

    weight: float = 0.1  # w ≥ 0, the paper's

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)

    def pull(self, codes: Tensor) -> Tensor:
        """Measure the similarity of codes [N, F]; a method because known repositories compute something else."""
        return pulling_away(codes)

    def generator_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.weight * self.pull(critic.features(fake))


@dataclass(frozen=True)
class MatchFeatures(Penalty):
    """Feature matching as an added term (Salimans et al., 2016, arXiv:1606.03498).

    generator  + w ‖E f(x) - E f(G(z))‖²     f: the critic's last hidden layer
    """

    traits = Added(critics=ANY_CRITIC, separable=False)
    searched: ClassVar[Mapping[str, Searched]] = {"weight": weight(1.0)}

    weight: float = 1.0  # w ≥ 0, ours; the paper replaces the generator's loss instead: `feature-matching`

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)

    def generator_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        gap = critic.features(real).mean(0) - critic.features(fake).mean(0)
        return self.weight * gap.square().sum()


@dataclass(frozen=True)
class LeCam(Penalty):
    """LeCam regularisation (Tseng et al., 2021, arXiv:2104.03310).

    critic  + λ (E (D(x) - α_F)² + E (D(G(z)) - α_R)²)     α_R, α_F: moving averages of E D(x) and E D(G(z))

    The averages are bias-corrected, as in the authors' TensorFlow code, and the term is 0 before the first update.
    Their PyTorch code clips both differences at 0; the paper does not.
    """

    traits = Added(
        shift_invariant=False, state_signs={"lecam_real": (1, 0), "lecam_fake": (0, 1), "lecam_seen": (0, 0)}
    )
    searched: ClassVar[Mapping[str, Searched]] = {"weight": weight(0.3)}

    weight: float = 0.3  # λ ≥ 0, the authors' for CIFAR-10
    decay: float = 0.99  # of the moving averages, in [0, 1); the authors'

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)
        within(0.0, 1.0, decay=self.decay)

    def critic_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        seen = game.state["lecam_seen"]  # 1 - decay^updates: the bias correction of the averages
        unbiased = 1.0 / seen.clamp_min(1e-12)
        alpha_real, alpha_fake = game.state["lecam_real"] * unbiased, game.state["lecam_fake"] * unbiased
        gap = (critic(real) - alpha_fake).square().mean() + (critic(fake) - alpha_real).square().mean()
        return self.weight * torch.sign(seen) * gap

    def initial_state(self, game: Game) -> Mapping[str, Tensor]:
        zero = torch.zeros_like(game.progress)
        return {"lecam_real": zero, "lecam_fake": zero, "lecam_seen": zero}

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        now = {"lecam_real": critic(real).mean(), "lecam_fake": critic(fake).mean()}
        now["lecam_seen"] = torch.ones_like(now["lecam_real"])
        return {name: self.decay * game.state[name] + (1.0 - self.decay) * value for name, value in now.items()}


@dataclass(frozen=True)
class Consistency(Penalty):
    """Consistency regularisation (Zhang et al., 2020, arXiv:1910.12027).

    critic  + λ E (D(x) - D(T(x)))²     balanced: + λ E (D(G(z)) - D(T(G(z))))²  (Zhao et al., 2020, arXiv:2002.04724)

    T is the authors' shift of an image by up to an eighth of its side (4 pixels of 32); other data get Gaussian noise
    of `std` times the standard deviation of the batch, which is ours. Each image of a pack is shifted separately.
    """

    traits = Added(pairs=False)
    searched: ClassVar[Mapping[str, Searched]] = {"weight": weight(10.0)}
    revision: ClassVar[int] = 1  # revision 0 added noise to packs of images

    weight: float = 10.0  # λ ≥ 0, the paper's
    std: float = 0.05  # of the noise on data other than images, in standard deviations of the batch; ours
    balanced: bool = False  # on generated samples too (bCR)

    def __post_init__(self) -> None:
        not_negative(weight=self.weight, std=self.std)

    def transformed(self, x: Tensor, game: Game, purpose: str) -> Tensor:
        """Return T(x) of a batch [B, *data]; [B, C, H, W] are images, [B, m, C, H, W] packs of them."""
        if x.dim() < 4:
            return x + self.std * x.std() * game.normal(purpose, x.shape)
        images = x.flatten(0, -4)
        for dim, axis in ((2, "rows"), (3, "columns")):
            images = shifted(images, game.uniform(f"{purpose} {axis}", (images.shape[0],)), dim)
        return images.reshape(x.shape)

    def critic_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        term = (critic(real) - critic(self.transformed(real, game, "consistency real"))).square().mean()
        if self.balanced:
            moved = critic(self.transformed(fake, game, "consistency fake"))
            term = term + (critic(fake) - moved).square().mean()
        return self.weight * term


def shifted(images: Tensor, uniform: Tensor, dim: int) -> Tensor:
    """Shift each image by up to an eighth of its side, at least a pixel, repeating its edge.

    Args:
        images: Images [B, C, H, W].
        uniform: Draws [B] from U[0, 1) that choose the shifts.
        dim: 2 for rows, 3 for columns.
    """
    side = images.shape[dim]
    reach = max(1, side // 8)
    shift = (uniform * (2 * reach + 1)).floor().long() - reach
    index = (torch.arange(side, device=images.device) + shift[:, None]).clamp(0, side - 1)
    shape = [images.shape[0], 1, 1, 1]
    shape[dim] = side
    return images.gather(dim, index.reshape(shape).expand(images.shape))


@dataclass(frozen=True)
class LatentConsistency(Penalty):
    """Latent consistency regularisation, zCR (Zhao et al., 2020, arXiv:2002.04724).

    critic     + λ_D E (D(G(z)) - D(G(z + σ n)))²     n ~ N(0, 1)
    generator  - λ_G E (G(z) - G(z + σ n))²           the mean over samples and their values

    The critic learns to ignore the effect of a small change of the noise, the generator to amplify it. All
    three constants are the paper's, from memory.
    """

    traits = Added(separable=False)
    searched: ClassVar[Mapping[str, Searched]] = {
        "weight": weight(5.0),
        "generator_weight": weight(0.5),
        "std": SCALE,
    }

    weight: float = 5.0  # λ_D ≥ 0, the paper's, from memory
    generator_weight: float = 0.5  # λ_G ≥ 0, likewise
    std: float = 0.05  # σ ≥ 0 in units of the noise, likewise

    def __post_init__(self) -> None:
        not_negative(weight=self.weight, generator_weight=self.generator_weight, std=self.std)

    def moved(self, fake: Tensor, game: Game) -> Tensor:
        """Return the samples generated from perturbed noise, in the shape of the batch."""
        noise = game.noise + self.std * game.normal("latent consistency", game.noise.shape)
        return game.generator(noise).reshape(fake.shape)

    def critic_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.weight * (critic(fake) - critic(self.moved(fake, game))).square().mean()

    def generator_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return -self.generator_weight * (fake - self.moved(fake, game)).square().mean()


@dataclass(frozen=True)
class HistoricalAveraging(Penalty):
    """Historical averaging (Salimans et al., 2016, arXiv:1606.03498).

    both players  + w ‖θ - 1/t Σ_i θ_i‖²     θ_i: the player's parameters at the critic's i-th update

    Before the first update the average is θ itself, so the term is 0. The paper counts time; here it is counted in
    updates of the critic, so with k critic steps each of the generator's parameters enters its average k times.
    """

    traits = Added(critics=ANY_CRITIC, sees_parameters=True)
    searched: ClassVar[Mapping[str, Searched]] = {"weight": weight(1.0)}

    weight: float = 1.0  # w ≥ 0; the paper gives none, torchgan has 1

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)

    def critic_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.weight * (game.critic_parameters - game.state["history_critic"]).square().sum()

    def generator_term(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return self.weight * (game.generator_parameters - game.state["history_generator"]).square().sum()

    def initial_state(self, game: Game) -> Mapping[str, Tensor]:
        return {
            "history_critic": game.critic_parameters,
            "history_generator": game.generator_parameters,
            "history_count": torch.zeros_like(game.progress),
        }

    def next_state(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Mapping[str, Tensor]:
        count = game.state["history_count"] + 1.0
        now = {"history_critic": game.critic_parameters, "history_generator": game.generator_parameters}
        means = {name: game.state[name] + (value - game.state[name]) / count for name, value in now.items()}
        return {**means, "history_count": count}
