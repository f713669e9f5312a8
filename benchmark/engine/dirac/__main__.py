"""Train the Dirac-GAN with every kind of update and print how it behaves: `python -m benchmark.engine.dirac`.

The settings are those of the authors' notebook (Mescheder et al., 2018): learning rates 0.2, start at θ = ψ = 1, 500
steps of plain gradient descent. The local modulus is the largest multiplier at the equilibrium: below 1 it attracts.
The behaviour compares the mean radius over the last 100 steps with that over steps 200 to 300, with a margin of 5 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from benchmark.engine.dirac import measure, theory
from benchmark.engine.dirac.theory import Local
from benchmark.problems.dirac import DIRAC

STEPS = 500
BOTH = (("simultaneous", 1), ("alternating", 1), ("alternating", 5))
HALF, ONE = Local(0.5), Local(1.0)

GAMES: dict[str, Local | None] = {  # None: not differentiable at the equilibrium
    "minimax": HALF,
    "ns": HALF,
    "wasserstein": ONE,
    "wgan:bound=1": ONE,  # near 0 the clip does not bind
    "wgan-gp:weight=0.35": None,  # λ .7 of the notebook, which leaves out the square's 2
    "minimax+r1:gamma=0.3": Local(0.5, 0.3),
    "minimax+r1:gamma=1": Local(0.5, 1.0),
    "ns+r1:gamma=0.3": Local(0.5, 0.3),
}


@dataclass(frozen=True)
class DiracRow:
    """One game under one dynamics."""

    spec: str
    dynamics: str
    steps: int  # of the critic, or unrolled
    local: Local | None

    def line(self) -> str:
        """Train, and return the row of the table."""
        settings = replace(
            DIRAC.training, dynamics=self.dynamics, critic_steps=self.steps, unroll_steps=max(1, self.steps)
        )
        radii = measure.path(self.spec, settings, STEPS).norm(dim=1)
        moduli = ["none", "none"]
        if self.local is not None:
            found = theory.multipliers(self.local, settings), measure.multipliers(self.spec, settings)
            moduli = [f"{float(multipliers.abs().max()):.6f}" for multipliers in found]
        label = f"{self.dynamics} {self.steps}" if self.dynamics in ("alternating", "unrolled") else self.dynamics
        ending = f"{float(radii[-1]):12.3e}  {measure.behaviour(radii):12}"
        return f"{self.spec:22} {label:15} {ending} {moduli[0]:>9} {moduli[1]:>9}"


def rows() -> list[DiracRow]:
    """List the rows: every game under both updates, and minimax under the methods designed to stabilise it."""
    listed = [DiracRow(spec, name, steps, local) for spec, local in GAMES.items() for name, steps in BOTH]
    tamed = [("consensus", 1), ("extragradient", 1), ("optimistic", 1), ("unrolled", 1), ("unrolled", 5)]
    return listed + [DiracRow("minimax", name, steps, HALF) for name, steps in tamed]


def main() -> None:
    """Print the table."""
    say = partial(print, flush=True)
    say(f"{'':22} {'':15} {'radius after':>12}  {'':12} {'local modulus':>19}")
    say(f"{'objective':22} {'dynamics':15} {f'{STEPS} steps':>12}  {'behaviour':12} {'theory':>9} {'measured':>9}")
    for row in rows():
        say(row.line())


if __name__ == "__main__":
    main()
