"""Networks as functions of one flat vector per player, so that an update is a few large operations.

The vector holds the weights, and the state that layers keep between updates (`benchmark.networks.layers.member_state`),
such as spectral norm's u. Gradients of the state are zero, so optimisers leave it alone, AdamW's decay excepted;
`with_updated_state` changes it, and losses that read a player's parameters get the `weights` only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call

from benchmark.engine import streams
from benchmark.errors import UserError
from benchmark.networks import Draw
from benchmark.networks.layers import Spectral


@dataclass(frozen=True)
class FlatNetwork:
    """A module whose parameters are an argument: a vector [P], cut into the module's own shapes."""

    build: Callable[[], nn.Module]
    module: nn.Module
    names: tuple[str, ...]
    shapes: tuple[torch.Size, ...]
    trained: tuple[bool, ...]  # whether a parameter is a weight, rather than state

    @classmethod
    def of(cls, build: Callable[[], nn.Module]) -> FlatNetwork:
        """Build the module once to read its layout."""
        module = build_from(build, streams.generator(0, "layout"))
        names, parameters = zip(*module.named_parameters(), strict=True)
        shapes, trained = zip(*((each.shape, each.requires_grad) for each in parameters), strict=True)
        return cls(build, module, names, shapes, trained)

    @property
    def size(self) -> int:
        """Number of parameters, P."""
        return sum(shape.numel() for shape in self.shapes)

    def initial(self, seeds: Sequence[int], purpose: str) -> Tensor:
        """Draw each member's weights [K, P] by the module's own initialisation, from the member's own stream."""
        modules = [build_from(self.build, streams.generator(seed, purpose)) for seed in seeds]
        return torch.stack([torch.cat([p.detach().flatten() for p in module.parameters()]) for module in modules])

    def named(self, parameters: Tensor) -> dict[str, Tensor]:
        """Cut a vector [P] into the module's parameters: one split, whose gradient is one concatenation."""
        parts = parameters.split([shape.numel() for shape in self.shapes])
        return {name: part.view(shape) for name, part, shape in zip(self.names, parts, self.shapes, strict=True)}

    def weights(self, parameters: Tensor) -> Tensor:
        """Return the parameters [P] without the state of layers; most networks have none."""
        if all(self.trained):
            return parameters
        parts = zip(self.named(parameters).values(), self.trained, strict=True)
        return torch.cat([part.flatten() for part, trained in parts if trained])

    def __call__(self, parameters: Tensor, x: Tensor, draw: Draw | None = None, labels: Tensor | None = None) -> object:
        """Apply the module with the given parameters [P], the draws of its dropout and labels if it takes any."""
        given = {} if labels is None else {"labels": labels}
        return functional_call(self.module, self.named(parameters), (x,) if draw is None else (x, draw), given)

    def score_weights(self, parameters: Tensor) -> Tensor:
        """Return the weights [F] of the layer `score`, normalised where it is spectrally normalised."""
        found = [(path, one) for path, one in self.module.named_modules() if path.rpartition(".")[2] == "score"]
        path, layer = found[0] if found else ("", None)
        if not isinstance(layer, nn.Linear | Spectral):
            raise UserError("A loss needs a critic whose scores are one linear layer of its features, named score.")
        weights = self.named(parameters)[f"{path}.weight"].flatten()
        return weights / torch.linalg.vector_norm(weights) if isinstance(layer, Spectral) else weights

    @property
    def updates_state(self) -> bool:
        """Return whether `with_updated_state` changes anything."""
        return any(isinstance(layer, Spectral) for layer in self.module.modules())

    def with_updated_state(self, parameters: Tensor) -> Tensor:
        """Return the parameters [P] after one power iteration of each spectral norm; unchanged if there is none."""
        layers = {name: layer for name, layer in self.module.named_modules() if isinstance(layer, Spectral)}
        if not layers:
            return parameters
        named = self.named(parameters)
        for name, layer in layers.items():
            prefix = f"{name}." if name else ""
            weight, direction = named[f"{prefix}weight"].detach(), named[f"{prefix}direction"].detach()
            named[f"{prefix}direction"] = layer.power_iteration(weight, direction)
        return torch.cat([named[name].flatten() for name in self.names])


def build_from(build: Callable[[], nn.Module], generator: torch.Generator) -> nn.Module:
    """Build a module from a stream; torch initialises from its global generator, which is then restored."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator.get_state())
        return build()
