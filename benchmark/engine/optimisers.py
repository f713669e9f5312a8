"""Optimisers as pure element-wise functions: one expression updates all members, each with its own settings.

Parameters are flat: one tensor [K, P] per player. A hyper-parameter is a float, or a tensor [K, 1] where members
differ. Each optimiser equals its namesake in `torch.optim`; those cannot run on a stack with a rate per member.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from benchmark.engine.schedules import Schedules, real

OptimiserState = Mapping[str, Tensor]  # tensors [K, P] that an optimiser keeps between updates
Root = Callable[[Tensor], Tensor]


def safe_root(value: Tensor) -> Tensor:
    """Take the square root with a finite derivative at 0, for differentiating through an update (unrolling)."""
    return torch.sqrt(value + torch.finfo(value.dtype).tiny)


def clipped(gradient: Tensor, bound: float | Tensor) -> Tensor:
    """Shorten each member's gradient [K, P] to a Euclidean norm of at most `bound`, as `clip_grad_norm_` does for one.

    g · min(1, c / (‖g‖ + 1e-6));  the 1e-6 is torch's
    """
    norm: Tensor = torch.linalg.vector_norm(gradient, dim=1, keepdim=True)
    return gradient * (bound / (norm + 1e-6)).clamp(max=1.0)


@dataclass(frozen=True)
class Optimiser:
    """One update rule: θ, g, state -> θ', state'."""

    state_names: ClassVar[tuple[str, ...]] = ()

    learning_rate: float = 1e-3

    def initial(self, parameters: Tensor) -> OptimiserState:
        """Return the state before the first update, all zero."""
        return {name: torch.zeros_like(parameters) for name in self.state_names}

    def update(
        self, parameters: Tensor, gradient: Tensor, state: OptimiserState, count: Tensor, scale: Tensor, root: Root
    ) -> tuple[Tensor, OptimiserState]:
        """Advance one update.

        Args:
            parameters: θ [K, P].
            gradient: g [K, P].
            state: What `initial` or the last update returned.
            count: Number of this update, a scalar integer from 1.
            scale: Factor on the learning rate [K, 1]: 1, or 0 for a frozen member.
            root: Square root; `safe_root` where the update is differentiated.
        """
        raise NotImplementedError

    def after(self, done: Tensor, schedules: Schedules, dtype: torch.dtype) -> Optimiser:
        """Return this optimiser with the values that its schedules give after `done` updates."""
        values: dict[str, Any] = {
            name: torch.as_tensor(schedule(getattr(self, name), done)).to(dtype) for name, schedule in schedules.items()
        }
        return replace(self, **values)


@dataclass(frozen=True)
class SGD(Optimiser):
    """Gradient descent with heavy-ball or Nesterov momentum (as `torch.optim.SGD`).

    b' = μ b + g;  θ' = θ - η b', with Nesterov θ - η (g + μ b')
    """

    state_names: ClassVar[tuple[str, ...]] = ("velocity",)

    momentum: float = 0.0  # μ
    nesterov: bool = False

    def update(
        self, parameters: Tensor, gradient: Tensor, state: OptimiserState, count: Tensor, scale: Tensor, root: Root
    ) -> tuple[Tensor, OptimiserState]:
        """Advance one update."""
        velocity = self.momentum * state["velocity"] + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return torch.addcmul(parameters, direction, scale * self.learning_rate, value=-1), {"velocity": velocity}


@dataclass(frozen=True)
class RMSProp(Optimiser):
    """Root-mean-square scaled descent (Tieleman & Hinton, 2012; as `torch.optim.RMSprop`).

    v' = α v + (1-α) g²;  θ' = θ - η g / (√v' + ε)
    """

    state_names: ClassVar[tuple[str, ...]] = ("square",)

    alpha: float = 0.99
    epsilon: float = 1e-8

    def update(
        self, parameters: Tensor, gradient: Tensor, state: OptimiserState, count: Tensor, scale: Tensor, root: Root
    ) -> tuple[Tensor, OptimiserState]:
        """Advance one update."""
        square = torch.lerp(state["square"], gradient * gradient, 1.0 - self.alpha)
        step = gradient / (root(square) + self.epsilon)
        return torch.addcmul(parameters, step, scale * self.learning_rate, value=-1), {"square": square}


@dataclass(frozen=True)
class Adam(Optimiser):
    """Adaptive moments (Kingma & Ba, 2015, arXiv:1412.6980; as `torch.optim.Adam`).

    m' = β₁ m + (1-β₁) g;  v' = β₂ v + (1-β₂) g²;  θ' = θ - η m̂ / (√v̂ + ε)

    with m̂ = m'/(1-β₁ᵗ), v̂ = v'/(1-β₂ᵗ). Both corrections are scalars, so they are applied to η and ε:
    η m̂ / (√v̂ + ε) = η √(1-β₂ᵗ)/(1-β₁ᵗ) · m' / (√v' + ε √(1-β₂ᵗ)).
    """

    state_names: ClassVar[tuple[str, ...]] = ("mean", "square")

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def update(
        self, parameters: Tensor, gradient: Tensor, state: OptimiserState, count: Tensor, scale: Tensor, root: Root
    ) -> tuple[Tensor, OptimiserState]:
        """Advance one update."""
        mean = torch.lerp(state["mean"], gradient, 1.0 - self.beta1)
        square = torch.lerp(state["square"], gradient * gradient, 1.0 - self.beta2)
        steps = real(count)
        correction = torch.sqrt(1.0 - self.beta2**steps)
        rate = scale * (self.learning_rate * correction / (1.0 - self.beta1**steps)).to(parameters.dtype)
        step = mean / (root(square) + (self.epsilon * correction).to(parameters.dtype))
        return torch.addcmul(parameters, step, rate, value=-1), {"mean": mean, "square": square}


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter, 2019, arXiv:1711.05101; as `torch.optim.AdamW`).

    θ' = (1 - η λ) θ - η m̂ / (√v̂ + ε)
    """

    weight_decay: float = 0.01  # λ, torch's default

    def update(
        self, parameters: Tensor, gradient: Tensor, state: OptimiserState, count: Tensor, scale: Tensor, root: Root
    ) -> tuple[Tensor, OptimiserState]:
        """Advance one update."""
        decayed = parameters * (1.0 - scale * self.learning_rate * self.weight_decay)
        return super().update(decayed, gradient, state, count, scale, root)


OPTIMISERS: dict[str, type[Optimiser]] = {"adam": Adam, "adamw": AdamW, "rmsprop": RMSProp, "sgd": SGD}
