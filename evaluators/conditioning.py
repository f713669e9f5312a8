"""Conditioning of a generator's Jacobian: how unevenly small changes of the noise change the sample.

κ(z) = λ_max/λ_min of JᵀJ, J = ∂G/∂z at z;        the mean and the standard deviation of log κ over z

Odena et al. (2018, arXiv:1802.08768), who find runs with a high mean to score badly; natural logarithms. Where a sample
has fewer values d than the noise has dimensions k, JᵀJ is singular for every generator, and the d eigenvalues that need
not vanish are taken (ours). The singular values of J itself are computed, whose squares the λ are: compare_gan
(`jacobian_conditioning.py`) forms JᵀJ in float32, which loses every κ beyond about 10⁷.

It needs the generator, not samples, so it is not in the table of evaluators. It says nothing about the data: a linear
map onto the wrong plane is perfectly conditioned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from evaluators.checks import floats
from evaluators.errors import InvalidSamples
from evaluators.truth import FEWEST

COUPLED = 1e-5  # of the largest value: by which a sample may move beside others, for rounding


@dataclass(frozen=True)
class Conditioning:
    """Of log κ over noise vectors, in nats."""

    mean: float
    standard_deviation: float  # with n - 1
    values: Tensor  # [N - singular]
    singular: int  # noise vectors at which J is singular to rounding, left out of all others


def jacobian(generator: Callable[[Tensor], Tensor], noise: Tensor) -> Tensor:
    """Return ∂G/∂z [N, d, k] at noise [N, k], one column of all samples at once: k steps, however many pixels.

    Jᵀu is linear in u, so that the derivative of its i-th value by u is the i-th column of J.
    """
    with torch.enable_grad():
        z = noise.detach().requires_grad_()
        samples = generator(z).flatten(1)
        u = torch.zeros_like(samples, requires_grad=True)
        (pulled,) = torch.autograd.grad(samples, z, u, create_graph=True, materialize_grads=True)
        if not pulled.requires_grad:  # of a generator that ignores its noise
            return samples.new_zeros(*samples.shape, noise.shape[1])
        columns = [torch.autograd.grad(column.sum(), u, retain_graph=True)[0] for column in pulled.unbind(1)]
    return torch.stack(columns, 2)


def jacobian_conditioning(generator: Callable[[Tensor], Tensor], noise: Tensor) -> Conditioning:
    """Return the conditioning of a generator [N, k] -> [N, *data] at noise [N, k], in the noise's own precision.

    Use float64 for both: in float32 no log κ above 32 can be measured.

    Raises InvalidSamples for fewer than 20 noise vectors, for a generator that couples its batch or gives values that
    are not finite, and where J is singular everywhere.
    """
    z = floats("noise", noise, at_least=FEWEST).flatten(1)
    with torch.no_grad():
        together, alone = generator(z)[:1], generator(z[:1])
    gap, largest = float((together - alone).abs().max()), float(together.abs().max())
    if gap > COUPLED * largest:
        raise InvalidSamples(f"the generator couples its batch: with {len(z) - 1} others a sample changes by {gap:.2g}")
    found = jacobian(generator, z)
    if not bool(found.isfinite().all()):
        raise InvalidSamples("the generator has derivatives that are not finite")
    sigma = torch.linalg.svdvals(found.double())
    rounding = max(found.shape[1:]) * torch.finfo(found.dtype).eps
    regular = sigma[sigma[:, -1] > rounding * sigma[:, 0]]
    singular = len(sigma) - len(regular)
    if len(regular) < 2:
        raise InvalidSamples(f"the Jacobian is singular at {singular} of {len(sigma)} noise vectors")
    values = 2.0 * (regular[:, 0] / regular[:, -1]).log()
    return Conditioning(float(values.mean()), float(values.std()), values, singular)
