"""Log-likelihood of a generator with Gaussian observation noise, by annealed importance sampling.

A generator G has no density, but one that is observed through noise has:
p(x) = ∫ N(z; 0, I_k) N(x; G(z), σ² I_d) dz

Chains go from the prior to the posterior over f_β(z) ∝ N(z; 0, I) N(x; G(z), σ² I)^β, and their weights
w = Π_t p(x | z_t-1)^(β_t - β_t-1) satisfy E w = p(x) for any number of steps, however badly the chains mix
(Neal, 2001, arXiv:physics/9803008). Hence log mean w is on average a lower bound. The same chains run backwards from an
exact sample of the posterior, which data drawn from the model itself come with, give an upper one: the gap of both says
how far to trust the number (bidirectional Monte Carlo; Grosse et al., 2015, arXiv:1511.02543).

It needs the generator, not samples, so it is not in the table of evaluators: `gan-bench score RUN/generator.pt
--evaluator likelihood` has it at σ = 0.1, Wu et al.'s for GANs of 50 dimensions, with 100 distributions and 20 points,
which are ours and few. A mode that no sample touches costs as much as σ allows, so a small σ ranks by coverage alone;
and a generator of fewer dimensions than the data has a likelihood only through the noise that is added to it.

Protocol of Wu et al. (2017, arXiv:1611.04273): 16 chains, Hamiltonian moves of 10 leapfrog steps, 1,000 to 10,000
distributions along a sigmoid, an acceptance of 0.65. Theirs (from memory) adapts step sizes in the chains
that it weighs; here chains of their own find them first, so that E w = p(x) holds exactly. A port that is often used,
lxuechen/BDMC (hmc.py), multiplies each chain's step by 1.02 or 0.98 by that chain's own acceptances so far: its moves
depend on the past, so E w = p(x) no longer holds, and neither does either bound. The value depends on σ, which must be
reported.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from evaluators.checks import points
from evaluators.errors import InvalidSamples
from evaluators.subsets import draw
from evaluators.truth import Evaluation, Metric, Score, Truth

SIGMA, SCORED, DISTRIBUTIONS = 0.1, 20, 100  # of a kept generator's score
ACCEPTANCE = 0.65  # Wu et al.; the optimum for many dimensions is 0.651 (Beskos et al., 2013, arXiv:1001.4460)
SHARPNESS = 4.0  # of the sigmoid, as in the code of Wu et al. (from memory)
ALONE = 8  # noise vectors beside which one is tried
PILOTS = 4  # chains that find the step sizes
FIRST_STEP = 0.5  # ours; the prior has unit scale
PACE = 0.3  # of the logarithm of a step size, for an acceptance that is 1 too high; ours


@dataclass(frozen=True)
class ObservedGenerator:
    """A generator z [B, k] -> [B, *data], differentiable, observed through Gaussian noise of deviation `sigma`."""

    generator: Callable[[Tensor], Tensor]
    dimension: int  # k, of the noise z ~ N(0, I)
    sigma: float  # in units of the data
    dtype: torch.dtype = torch.float32  # of the generator; the chains and all sums are float64

    def __post_init__(self) -> None:
        if not 0.0 < self.sigma < math.inf or self.dimension < 1:
            raise InvalidSamples(
                f"sigma must be a positive number and dimension at least 1, got {self.sigma} and {self.dimension}"
            )

    def images(self, z: Tensor) -> Tensor:
        """Return G(z) [B, d] in float64."""
        return self.generator(z.to(self.dtype)).flatten(1).double()

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Return log N(x; G(z), σ² I) [C, N] of points [N, d] under noise [C, N, k], in nats."""
        images = self.images(z.flatten(0, 1))
        if images.shape[1] != x.shape[1]:
            raise InvalidSamples(f"x has {x.shape[1]} values per sample but the generator returns {images.shape[1]}")
        error = (x - images.reshape(*z.shape[:2], -1)).square().sum(2)
        return -error / (2.0 * self.sigma**2) - x.shape[1] * math.log(self.sigma * math.sqrt(2.0 * math.pi))


class Place(NamedTuple):
    """Where the chains are."""

    z: Tensor  # [C, N, k]
    log_likelihood: Tensor  # log p(x | z) [C, N]
    slope: Tensor  # its gradient [C, N, k]

    def log_joint(self, beta: float) -> Tensor:
        """Return log f_β(z) [C, N] up to a constant."""
        return beta * self.log_likelihood - self.z.square().sum(2) / 2.0


@dataclass(frozen=True)
class Annealing:
    """How chains are run."""

    chains: int = 16
    distributions: int = 1_000
    leapfrogs: int = 10

    def __post_init__(self) -> None:
        if min(self.chains, self.distributions, self.leapfrogs) < 1:
            raise InvalidSamples(f"chains, distributions and leapfrogs must be at least 1, got {self}")

    def betas(self) -> list[float]:
        """Return 0 = β_0 < ... < β_T = 1, evenly spaced through a sigmoid."""
        t = torch.linspace(-1.0, 1.0, self.distributions + 1, dtype=torch.float64)
        s = (SHARPNESS * t).sigmoid()
        return list(((s - s[0]) / (s[-1] - s[0])).tolist())


@dataclass(frozen=True)
class Likelihood:
    """Estimates of log p(x), in nats."""

    values: Tensor  # [N]
    mean: float
    standard_error: float | None  # over points; None: there is one
    acceptance: float | None  # share of moves, over all chains and temperatures; None: one distribution, no moves
    effective_chains: float  # (Σw)² / Σw², mean over points


@dataclass(frozen=True)
class Bounds:
    """Both estimates for data that the model itself drew."""

    lower: Likelihood
    upper: Likelihood
    gap: float  # mean of upper - lower, nats


def place(model: ObservedGenerator, x: Tensor, z: Tensor) -> Place:
    """Evaluate log p(x | z) and its gradient."""
    z = z.detach().requires_grad_()
    with torch.enable_grad():
        value = model.log_likelihood(x, z)
        (slope,) = torch.autograd.grad(value.sum(), z)
    return Place(z.detach(), value.detach(), slope)


def normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw standard normal values of a tensor's shape."""
    return torch.randn(like.shape, generator=generator, dtype=like.dtype, device=generator.device).to(like.device)


def move(
    model: ObservedGenerator,
    x: Tensor,
    here: Place,
    beta: float,
    step: Tensor,
    leapfrogs: int,
    generator: torch.Generator,
) -> tuple[Place, Tensor]:
    """Make one Hamiltonian move that leaves f_β as it is; give the chains and their probabilities of acceptance."""
    step = step[None, :, None]
    begin = normal(here.z, generator)
    momentum = begin + step / 2.0 * (beta * here.slope - here.z)
    there = here
    for left in range(leapfrogs, 0, -1):
        there = place(model, x, there.z + step * momentum)
        momentum = momentum + (step if left > 1 else step / 2.0) * (beta * there.slope - there.z)
    energy = begin.square().sum(2) / 2.0 - momentum.square().sum(2) / 2.0
    probability = (there.log_joint(beta) - here.log_joint(beta) + energy).exp().clamp(max=1.0).nan_to_num(nan=0.0)
    draw = torch.rand(probability.shape, generator=generator, dtype=x.dtype, device=generator.device)
    accepted = draw.to(x.device) < probability
    kept = accepted[:, :, None]
    return Place(
        torch.where(kept, there.z, here.z),
        torch.where(accepted, there.log_likelihood, here.log_likelihood),
        torch.where(kept, there.slope, here.slope),
    ), probability


def step_sizes(model: ObservedGenerator, x: Tensor, annealing: Annealing, generator: torch.Generator) -> list[Tensor]:
    """Find a step size [N] for each β_1 .. β_T-1 with chains that are then thrown away."""
    here = place(model, x, normal(x.new_empty(PILOTS, len(x), model.dimension), generator))
    step, found = x.new_full((len(x),), FIRST_STEP), []
    for beta in annealing.betas()[1:-1]:
        found.append(step)
        here, probability = move(model, x, here, beta, step, annealing.leapfrogs, generator)
        step = step * ((probability.mean(0) - ACCEPTANCE) * PACE).exp()
    return found


def anneal(
    model: ObservedGenerator,
    x: Tensor,
    start: Tensor,
    betas: list[float],
    steps: list[Tensor],
    leapfrogs: int,
    generator: torch.Generator,
) -> tuple[Tensor, float | None]:
    """Carry chains [C, N, k] along β, in either direction; give log w [C, N] and the mean acceptance.

    log w = Σ_t (β_t - β_t-1) log p(x | z_t-1)
    """
    here = place(model, x, start)
    log_weights = torch.zeros_like(here.log_likelihood)
    acceptance = []
    for last, beta, step in zip(betas, betas[1:], [*steps, None], strict=False):
        log_weights += (beta - last) * here.log_likelihood
        if step is not None:
            here, probability = move(model, x, here, beta, step, leapfrogs, generator)
            acceptance.append(float(probability.mean()))
    return log_weights, sum(acceptance) / len(acceptance) if acceptance else None


def summary(log_weights: Tensor, acceptance: float | None, sign: float) -> Likelihood:
    """Return ±log mean w, whose mean over points bounds the mean log-likelihood."""
    chains, count = log_weights.shape
    values = sign * (torch.logsumexp(log_weights, 0) - math.log(chains))
    effective = (2.0 * torch.logsumexp(log_weights, 0) - torch.logsumexp(2.0 * log_weights, 0)).exp()
    error = float(values.std()) / math.sqrt(count) if count > 1 else None
    return Likelihood(values, float(values.mean()), error, acceptance, float(effective.mean()))


def refuse_coupling(model: ObservedGenerator, generator: torch.Generator) -> None:
    """Demand that a sample comes from its own noise alone: chains of a batch that is coupled are not independent."""
    z = torch.randn(ALONE, model.dimension, generator=generator, dtype=torch.float64, device=generator.device)
    with torch.no_grad():
        together, alone = model.images(z)[:1], model.images(z[:1])
    gap = float((together - alone).abs().max())
    if gap > 1e-3 * model.sigma + 1e-5 * float(together.abs().max()):
        raise InvalidSamples(f"the generator couples its batch: with {ALONE - 1} others a sample changes by {gap:.2g}")


def annealed_log_likelihood(
    model: ObservedGenerator, x: Tensor, generator: torch.Generator, annealing: Annealing | None = None
) -> Likelihood:
    """Estimate log p(x) of points [N, *data], on average from below.

    Raises InvalidSamples if x is not a finite tensor of the generator's shape, if the generator's output is not
    finite at noise, or where its samples depend on the rest of their batch.
    """
    how = annealing or Annealing()
    x = points("x", x)
    refuse_coupling(model, generator)
    steps = step_sizes(model, x, how, generator)
    start = normal(x.new_empty(how.chains, len(x), model.dimension), generator)
    log_weights, acceptance = anneal(model, x, start, how.betas(), steps, how.leapfrogs, generator)
    if not bool(log_weights.isfinite().all()):
        raise InvalidSamples("the generator returns values that are not finite")
    return summary(log_weights, acceptance, 1.0)


def bidirectional_bounds(
    model: ObservedGenerator, count: int, generator: torch.Generator, annealing: Annealing | None = None
) -> Bounds:
    """Bound the mean log-likelihood of `count` points drawn from the model, from below and from above."""
    how = annealing or Annealing()
    z = torch.randn(count, model.dimension, generator=generator, dtype=torch.float64, device=generator.device)
    with torch.no_grad():
        images = points("the generator's output", model.images(z))
    x = images + model.sigma * normal(images, generator)
    lower = annealed_log_likelihood(model, x, generator, how)
    steps = step_sizes(model, x, how, generator)
    exact = z.expand(how.chains, -1, -1)
    log_weights, acceptance = anneal(model, x, exact, how.betas()[::-1], steps[::-1], how.leapfrogs, generator)
    upper = summary(log_weights, acceptance, -1.0)
    return Bounds(lower, upper, upper.mean - lower.mean)


METRICS = {
    "likelihood": Metric(
        "higher",
        "mean log p(x) of held-out data under the generator with noise of σ = 0.1, nats, a lower bound on average "
        "(Wu et al., 2017)",
        samples=0,
    ),
    "likelihood_gap": Metric(
        "lower",
        "upper minus lower estimate of the mean log p(x) of points drawn from the model itself, nats",
        samples=0,
        reference=0,
    ),
}


def score(model: ObservedGenerator, truth: Truth, generator: torch.Generator) -> Evaluation:
    """Estimate the likelihood of held-out data, and its bidirectional gap on as many points of the model's own."""
    how = Annealing(distributions=DISTRIBUTIONS)
    try:
        found = annealed_log_likelihood(model, draw(truth.reference, SCORED, generator), generator, how)
        bounds = bidirectional_bounds(model, SCORED, generator, how)
    except InvalidSamples as error:
        return Evaluation({}, dict.fromkeys(METRICS, str(error)), {})
    protocol: dict[str, str | int | float] = {
        "sigma": model.sigma,
        "n_reference": SCORED,
        "chains": how.chains,
        "distributions": how.distributions,
        "leapfrogs": how.leapfrogs,
    }
    scores = {"likelihood": Score(found.mean, found.standard_error), "likelihood_gap": Score(bounds.gap)}
    return Evaluation(scores, {}, protocol)
