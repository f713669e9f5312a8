"""Named games that combine a loss with penalties: a second spelling of the same identity."""

from __future__ import annotations

from objectives.classic import NonSaturating
from objectives.compose import Composition
from objectives.energy import EBGAN
from objectives.penalties import R1, R2, NearData, OneCentred, OneSided, WassersteinDivergence
from objectives.relativistic import RelativisticPairing
from objectives.stabilisers import PullingAway
from objectives.traits import Recommended
from objectives.wasserstein import Clip, Wasserstein


def adam(learning_rate: float, beta1: float, beta2: float, critic_steps: int, batch: int | None) -> Recommended:
    """Return a paper's settings if both players use Adam with one learning rate."""
    return Recommended(
        optimiser="adam",
        generator_learning_rate=learning_rate,
        critic_learning_rate=learning_rate,
        beta1=beta1,
        beta2=beta2,
        critic_steps=critic_steps,
        batch=batch,
    )


wgan = Composition(
    (Wasserstein(), Clip()),
    None,
    """Wasserstein GAN (Arjovsky et al., 2017, arXiv:1701.07875).

    critic     E D(G(z)) - E D(x),  then θ ← clip(θ, -c, c)
    generator  -E D(G(z))

    Spelled out: wasserstein+clip.
    """,
)

wgan_gp = Composition(
    (Wasserstein(), OneCentred()),
    adam(1e-4, 0.0, 0.9, critic_steps=5, batch=64),
    """Wasserstein GAN with gradient penalty (Gulrajani et al., 2017, arXiv:1704.00028).

    critic     E D(G(z)) - E D(x) + λ E (‖∇D(x̂)‖ - 1)²     x̂ = ε x + (1 - ε) G(z)
    generator  -E D(G(z))

    Spelled out: wasserstein+gp.
    """,
)

wgan_lp = Composition(
    (Wasserstein(), OneSided()),
    adam(1e-4, 0.0, 0.9, critic_steps=5, batch=64),
    """Wasserstein GAN with a one-sided Lipschitz penalty (Petzka et al., 2018, arXiv:1709.08894).

    critic     E D(G(z)) - E D(x) + λ E max(0, ‖∇D(x̂)‖ - 1)²     x̂ = ε x + (1 - ε) G(z)
    generator  -E D(G(z))

    Spelled out: wasserstein+lp. The recommended settings are WGAN-GP's, which its image experiments follow.
    """,
)

wgan_div = Composition(
    (Wasserstein(), WassersteinDivergence()),
    adam(2e-4, 0.5, 0.999, critic_steps=5, batch=64),
    """Wasserstein divergence GAN (Wu et al., 2018, arXiv:1712.01026).

    critic     E D(G(z)) - E D(x) + k/2 (E ‖∇D(x)‖^p + E ‖∇D(G(z))‖^p)
    generator  -E D(G(z))

    Spelled out: wasserstein+div.
    """,
)

dragan = Composition(
    (NonSaturating(), NearData()),
    adam(1e-4, 0.5, 0.9, critic_steps=1, batch=128),
    """Deep regret analytic GAN, DRAGAN (Kodali et al., 2017, arXiv:1705.07215).

    critic     E softplus(-D(x)) + E softplus(D(G(z))) + λ E (‖∇D(x + α · s · std(x) · u)‖ - k)²     α, u ~ U[0, 1)
    generator  E softplus(-D(G(z)))

    Spelled out: ns+dragan. The recommended settings are those of the authors' notebook (kodalinaveen3/DRAGAN).
    """,
)

ebgan_pt = Composition(
    (EBGAN(), PullingAway()),
    None,
    """Energy-based GAN with the pulling-away term (Zhao et al., 2017, arXiv:1609.03126).

    critic     E D(x) + E max(0, m - D(G(z)))
    generator  E D(G(z)) + w · f_PT(Enc(G(z)))     f_PT(S) = 1/(N(N-1)) Σ_i Σ_{j≠i} cos²(S_i, S_j)

    Spelled out: ebgan+pt.
    """,
)

r3gan = Composition(
    (RelativisticPairing(), R1(), R2()),
    adam(2e-4, 0.0, 0.9, critic_steps=1, batch=None),
    """Relativistic GAN with R1 and R2, R3GAN (Huang et al., 2024, arXiv:2501.05441).

    critic     E softplus(-(D(x) - D(G(z)))) + γ/2 E ‖∇D(x)‖² + γ/2 E ‖∇D(G(z))‖²
    generator  E softplus(-(D(G(z)) - D(x)))

    Spelled out: rsgan+r1+r2. The paper tunes γ for each data set, from 0.05 to 150, and anneals β2 and the learning
    rate; the values recommended here are its initial ones. γ = 10 is R1's own default.
    """,
)
