"""An ordinary module as the critic that a loss calls: its scores, features and logits, checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor, nn
from torch.func import debug_unwrap
from torch.nn.parallel import DistributedDataParallel

from objectives.foundation.errors import UserError
from objectives.modules import HALVES, Precision, unwrapped, widened, with_copied_buffers
from objectives.traits import CriticKind

Output = Literal["scores", "features", "logits"]


@dataclass(frozen=True)
class UserCritic:
    """The user's critic: a module, and how to read its features, its logits and its last layer."""

    module: nn.Module
    kind: CriticKind
    packing: int = 1
    features_of: Callable[..., Tensor] | None = None
    logits_of: Callable[..., Tensor] | None = None
    head: nn.Module | None = None
    takes_labels: bool = True  # called as critic(x, labels) where there are labels


@dataclass
class ModuleCritic:
    """The critic in one call of a loss: see `objectives.base.Critic`.

    Each output of the real and of the fake batch is computed once.
    """

    user: UserCritic
    real: Tensor
    fake: Tensor
    precision: Precision
    labels: Tensor | None = None
    keep_buffers: bool = False  # leave the module's buffers unchanged
    module_called: bool = False  # the module itself, rather than one of its parts
    outputs: dict[tuple[Output, Literal["real", "fake"]], Tensor] = field(default_factory=dict)

    def __call__(self, x: Tensor, /) -> Tensor:
        """Return the scores [B]."""
        return self._output("scores", x)

    def features(self, x: Tensor, /) -> Tensor:
        """Return the embedding [B, F]."""
        return self._output("features", x)

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits [B, C] of the classes."""
        return self._output("logits", x)

    @property
    def head(self) -> Tensor:
        """Return the weights [F] of the last layer."""
        layer = self.user.head
        if not isinstance(layer, nn.Linear) or layer.out_features != 1:
            raise UserError("this loss reads the critic's last layer; pass it, an nn.Linear(F, 1), as head=")
        return layer.weight.flatten()

    def refuse_unsynchronised(self) -> None:
        """Raise an error if a loss bypassed DistributedDataParallel, which then would not average its gradients."""
        if isinstance(self.user.module, DistributedDataParallel) and not self.module_called:
            raise UserError(
                "this loss uses only the critic's features or normalised scores, so DistributedDataParallel would not "
                "average its gradients; train it in one process"
            )

    def _output(self, name: Output, x: Tensor) -> Tensor:
        """Return an output for a batch, computed once if the batch is the real or the fake one."""
        if x is not self.real and x is not self.fake:
            return self._compute(name, x)
        key: tuple[Output, Literal["real", "fake"]] = (name, "real" if x is self.real else "fake")
        if key not in self.outputs:
            self.outputs[key] = self._compute(name, x)
        return self.outputs[key]

    def _compute(self, name: Output, x: Tensor) -> Tensor:
        m = self.user.packing
        if m > 1:  # [m B, C, ...] -> [B, m C, ...]: the m points are joined along the first data axis
            x = x.reshape(x.shape[0] // m, m * x.shape[1], *x.shape[2:])
        if name == "scores":
            return self._scores(self._apply(self.user.module, x), x)
        if name == "logits":
            if self.user.logits_of is None:
                raise UserError("this loss needs the critic's class logits; pass logits_of=")
            return matrix("logits", self._apply(self.user.logits_of, x), x)
        if self.user.features_of is not None:
            return self._features(self._apply(self.user.features_of, x), x)
        if self.user.kind != "embedding":
            raise UserError("this loss needs the critic's features; pass features_of=, such as features_of=critic[:-1]")
        return self._features(self._apply(self.user.module, x), x)

    def _apply(self, function: Callable[..., Any], x: Tensor) -> Any:
        """Call the user's module, or a function that calls parts of it, on a batch and its labels."""
        module = self.user.module
        inputs = (self._in_parameters_type(x), *self._labels_for(x))
        in_transform = debug_unwrap(x) is not x
        if not (in_transform or self.keep_buffers):
            self.module_called |= function is module
            with self.precision.for_network():
                return function(*inputs)
        plain = unwrapped(module)
        with self.precision.for_input_gradients() if in_transform else self.precision.for_network():
            return with_copied_buffers(plain, plain if function is module else function, inputs)

    def _labels_for(self, x: Tensor) -> tuple[Tensor, ...]:
        if self.labels is None or not self.user.takes_labels:
            return ()
        if len(self.labels) != len(x):
            raise UserError(f"the critic was given {len(x)} samples and {len(self.labels)} labels")
        return (self.labels,)

    def _in_parameters_type(self, x: Tensor) -> Tensor:
        """Cast points for a module whose parameters are all in half precision."""
        own = next((each.dtype for each in self.user.module.parameters()), x.dtype)
        return x.to(own) if own in HALVES and not self.precision.enabled else x

    def _scores(self, output: Any, x: Tensor) -> Tensor:
        if not isinstance(output, Tensor) or output.numel() != len(x):
            raise UserError(f"the critic must return one score per sample; for {len(x)} it returned {shape_of(output)}")
        scores = widened(output).reshape(len(x))
        if self.user.kind == "energy" and debug_unwrap(x) is x and bool((scores < 0.0).any()):
            lowest = float(scores.detach().min())
            raise UserError(
                f"the critic must return energies, such as reconstruction errors, which are not below 0; got {lowest:g}"
            )
        return scores

    def _features(self, output: Any, x: Tensor) -> Tensor:
        features = matrix("features", output, x)
        if self.user.kind == "embedding" and features.shape[1] == 1:
            raise UserError("this loss compares embeddings, but the critic returns one number; use features_of=")
        return features


def matrix(name: str, output: Any, x: Tensor) -> Tensor:
    """Return an output as a matrix [B, F] with a row for each sample."""
    if not isinstance(output, Tensor) or output.dim() < 2 or len(output) != len(x):
        raise UserError(f"{name} must have the shape [{len(x)}, F], got {shape_of(output)}")
    return widened(output).flatten(1)


def shape_of(output: Any) -> str:
    """Describe the shape of an output."""
    return f"the shape {list(output.shape)}" if isinstance(output, Tensor) else f"a {type(output).__name__}"
