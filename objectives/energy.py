"""Energy-based games: the critic is an auto-encoder and its score is the reconstruction error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import normalize, relu

from objectives.base import Critic, CriticKind, Game, Objective, Recommended


def pulling_away(codes: Tensor) -> Tensor:
    """Measure how alike the codes of a batch are (Zhao et al., 2017, arXiv:1609.03126, eq. 4).

    f_PT(S) = 1/(N(N-1)) Σ_i Σ_{j≠i} (S_i·S_j / ‖S_i‖‖S_j‖)²,  0 for orthogonal codes, 1 for identical ones.

    Args:
        codes: Encoder outputs [N, F], N ≥ 2.
    """
    count = codes.shape[0]
    if count < 2:
        raise ValueError(f"the pulling-away term compares pairs and needs a batch of at least 2, got {count}")
    directions = normalize(codes, dim=1)
    cosines = directions @ directions.T
    return (cosines.square().sum() - cosines.diagonal().square().sum()) / (count * (count - 1))


@dataclass(frozen=True)
class EBGAN(Objective):
    """Energy-based GAN with a margin (Zhao et al., 2017, arXiv:1609.03126).

    critic     E D(x) + E max(0, m - D(G(z)))
    generator  E D(G(z))

    D(x) = ‖Dec(Enc(x)) - x‖ ≥ 0 is an energy. The margin is in units of that energy, so the problem sets it; 10 is
    the paper's for MNIST. At the optimal critic both losses together give V = m (1 - TV(p, q)).
    """

    critic_kind: ClassVar[CriticKind] = "energy"
    recommended: ClassVar[Recommended] = Recommended(
        optimiser="adam", generator_learning_rate=1e-3, critic_learning_rate=1e-3
    )

    margin: float = field(default=10.0, metadata={"scale": "energy"})  # m, in units of the energy

    def __post_init__(self) -> None:
        if not self.margin > 0.0:
            raise ValueError(f"margin must be positive, got {self.margin!r}")

    def critic_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(real).mean() + relu(self.margin - critic(fake)).mean()

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return critic(fake).mean()


@dataclass(frozen=True)
class EBGANPullingAway(EBGAN):
    """EBGAN with the pulling-away term (Zhao et al., 2017, arXiv:1609.03126, section 2.4).

    critic     E D(x) + E max(0, m - D(G(z)))
    generator  E D(G(z)) + w · f_PT(Enc(G(z)))
    """

    weight: float = 0.1  # w, the paper's

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.weight < 0.0:
            raise ValueError(f"weight must not be negative, got {self.weight!r}")

    def generator_loss(self, critic: Critic, real: Tensor, fake: Tensor, game: Game) -> Tensor:
        return super().generator_loss(critic, real, fake, game) + self.weight * pulling_away(critic.features(fake))
