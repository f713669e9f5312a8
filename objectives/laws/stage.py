"""A tiny game for any objective: small players of each critic kind as plain tensors, and fixed draws."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from objectives.base import NO_SECOND, CriticKind, Objective
from objectives.traits import Conditioning

PACKS, POINT, HIDDEN, NOISE = 6, 2, 5, 3  # batch in packs; dimensions of a point, of a hidden layer, of the noise
CLASSES = 3


@dataclass(frozen=True)
class StageGame:
    """A game whose draws are a fixed function of their purpose; `still` draws are constants, the same for every row."""

    state: Mapping[str, Tensor]
    progress: Tensor
    critic_parameters: Tensor
    generator_parameters: Tensor
    still: bool = False
    noise: Tensor = field(default_factory=lambda: torch.zeros(0, NOISE))
    second: tuple[Tensor, Tensor] | None = None  # real samples, and noise
    generator: Callable[[Tensor], Tensor] = lambda noise: noise  # of a game whose samples are scores

    @property
    def labels(self) -> Tensor:
        """Return a label for each row of the noise, by its first value."""
        return labels_of(self.noise)

    @property
    def second_real(self) -> Tensor:
        """Return the second real batch, if there is one."""
        return self._second()[0]

    @property
    def second_fake(self) -> Tensor:
        """Return the second generated batch, if there is one."""
        return self.generator(self._second()[1])

    def _second(self) -> tuple[Tensor, Tensor]:
        if self.second is None:
            raise ValueError(NO_SECOND)
        return self.second

    def uniform(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from U[0, 1) by hashing the purpose and the position."""
        if self.still:
            return torch.full(tuple(shape), 0.5, dtype=self.progress.dtype)
        position = torch.arange(1, math.prod(shape) + 1, dtype=torch.float64)
        mixed = torch.sin(position * 12.9898 + zlib.crc32(purpose.encode()) % 1009) * 43758.5453
        return (mixed - mixed.floor()).reshape(tuple(shape)).to(self.progress.dtype)

    def normal(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from N(0, 1) by the Box-Muller transform."""
        if self.still:
            return torch.zeros(tuple(shape), dtype=self.progress.dtype)
        radius, angle = self.uniform(purpose + " radius", shape), self.uniform(purpose + " angle", shape)
        return (-2.0 * (1.0 - radius).log()).sqrt() * (2.0 * math.pi * angle).cos()


def labels_of(noise: Tensor) -> Tensor:
    """Return one-hot labels [B, CLASSES] that depend on each row's noise, so that they move with it."""
    first = noise[:, :1]
    return torch.cat([first < -0.5, (first >= -0.5) & (first < 0.5), first >= 0.5], 1).to(noise.dtype)


@dataclass(frozen=True)
class TinyCritic:
    """A critic of one hidden layer with its parameters in one vector, the output's bias last; `shift` is added to it.

    With labels, the weights of the classes come first.
    """

    parameters: Tensor
    kind: CriticKind
    packing: int = 1
    shift: float = 0.0
    conditioning: Conditioning = ""
    labels: Tensor | None = None

    @staticmethod
    def size(kind: CriticKind, packing: int, conditioning: Conditioning = "") -> int:
        """Count the parameters."""
        inputs, classes = POINT * packing, CLASSES * HIDDEN if conditioning else 0
        return classes + (inputs + 1) * HIDDEN + (HIDDEN + 1) * TinyCritic.outputs(kind, packing)

    @staticmethod
    def outputs(kind: CriticKind, packing: int) -> int:
        """Count the outputs: one score, an embedding, or the reconstructed input."""
        return {"score": 1, "embedding": 4, "energy": POINT * packing, "none": 1}[kind]

    def _layers(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the input [B, I], the hidden layer [B, H] and the output [B, O]."""
        x = x.reshape(-1, POINT * self.packing)
        width = self.outputs(self.kind, self.packing)
        classes = CLASSES * HIDDEN if self.conditioning else 0
        shapes = [classes, x.shape[1] * HIDDEN, HIDDEN, HIDDEN * width, width]
        _, inner, inner_bias, outer, bias = torch.split(self.parameters, shapes)
        before = x @ inner.reshape(-1, HIDDEN) + inner_bias
        if self.conditioning == "input":
            before = before + self._of_labels()
        hidden = torch.tanh(before)
        return x, hidden, hidden @ outer.reshape(HIDDEN, width) + bias

    def _of_labels(self) -> Tensor:
        """Return the weights [B, H] of each sample's class."""
        assert self.labels is not None
        return self.labels @ self._by_class()

    def _by_class(self) -> Tensor:
        return self.parameters[: CLASSES * HIDDEN].reshape(CLASSES, HIDDEN)

    def __call__(self, x: Tensor, /) -> Tensor:
        flat, hidden, output = self._layers(x)
        if self.kind == "energy":
            return torch.linalg.vector_norm(output - flat, dim=1) + self.shift  # type: ignore[no-any-return]
        projected = (self._of_labels() * hidden).sum(1) if self.conditioning == "projection" else 0.0
        return output[:, 0] + projected + self.shift

    def logits(self, x: Tensor, /) -> Tensor:
        """Return the logits of the classes."""
        return self._layers(x)[1] @ self._by_class().T

    def features(self, x: Tensor, /) -> Tensor:
        _, hidden, output = self._layers(x)
        return output + self.shift if self.kind == "embedding" else hidden

    @property
    def head(self) -> Tensor:
        """Return the weights of the score, which precede its bias."""
        return self.parameters[-HIDDEN - 1 : -1]


class LineCritic:
    """A critic whose score is the first coordinate; every coordinate is a feature."""

    def __init__(
        self,
        packing: int = 1,
        scale: Tensor | float = 1.0,
        offset: float = 0.0,
        dtype: torch.dtype = torch.float64,
    ) -> None:
        self.packing, self.scale, self.offset, self.dtype = packing, scale, offset, dtype

    def __call__(self, x: Tensor, /) -> Tensor:
        return self.features(x)[:, 0]

    def features(self, x: Tensor, /) -> Tensor:
        return self.scale * (x.reshape(x.shape[0] // self.packing, -1) + self.offset)

    def logits(self, x: Tensor, /) -> Tensor:
        """Return logits score, 0 and -score of three classes."""
        score = self(x)[:, None]
        return torch.cat([score, 0.0 * score, -score], 1)

    @property
    def head(self) -> Tensor:
        """Return the weights for samples of one coordinate: 1 for the first of a pack."""
        return torch.eye(self.packing, dtype=self.dtype)[0]


def generated(parameters: Tensor, noise: Tensor) -> Tensor:
    """Map noise [B, N] to points [B, POINT] by one affine map and a bend."""
    weights, bias = parameters[: NOISE * POINT].reshape(NOISE, POINT), parameters[NOISE * POINT :]
    linear = noise @ weights + bias
    return linear + 0.1 * torch.sin(linear)


@dataclass(frozen=True)
class Stage:
    """An objective with two players, as functions of their parameters alone."""

    objective: Objective
    critic_parameters: Tensor
    generator_parameters: Tensor
    real: Tensor
    noise: Tensor
    state: Mapping[str, Tensor] = field(default_factory=dict)
    second: tuple[Tensor, Tensor] | None = None  # real samples and noise of a second batch, if needed
    still: bool = False
    shift: float = 0.0
    progress: float = 0.3  # share of the budget spent

    @staticmethod
    def of(objective: Objective, seed: int = 0, dtype: torch.dtype = torch.float64) -> Stage:
        """Draw the players and a batch from a seed, and update the objective's state three times."""
        source = torch.Generator().manual_seed(seed)

        def draw(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=source, dtype=torch.float64).to(dtype)

        kind, packing = objective.traits.critic_kind, objective.traits.packing
        critic = 0.7 * draw(TinyCritic.size(kind, packing, objective.traits.conditioning))
        generator = 0.8 * draw((NOISE + 1) * POINT)
        rows = PACKS * packing
        stage = Stage(objective, critic, generator, draw(rows, POINT) + 0.5, draw(rows, NOISE))
        if objective.traits.second_batch:
            stage = replace(stage, second=(draw(rows, POINT) + 0.5, draw(rows, NOISE)))
        return stage.aged(3)

    def aged(self, updates: int) -> Stage:
        """Update the objective's state several times while the critic drifts a little."""
        critic, generator = self.critic_parameters, self.generator_parameters
        fake = generated(generator, self.noise)
        state = dict(self.objective.initial_state(self.game(critic, generator)))
        for update in range(updates):
            older = critic * (1.0 - 0.05 * (updates - update))
            game = self.with_state(state).game(older, 0.9 * generator)
            state = dict(self.objective.next_state(self.critic(older), self.real, fake, game))
        return self.with_state(state)

    def with_state(self, state: Mapping[str, Tensor]) -> Stage:
        """Return the same stage with another state."""
        return replace(self, state=state)

    def critic(self, parameters: Tensor) -> TinyCritic:
        """Return the critic with these parameters."""
        traits = self.objective.traits
        labels = labels_of(self.noise) if traits.conditioning else None
        return TinyCritic(parameters, traits.critic_kind, traits.packing, self.shift, traits.conditioning, labels)

    def game(self, critic_parameters: Tensor, generator_parameters: Tensor) -> StageGame:
        """Return the rest of the game at these parameters."""
        progress = torch.tensor(self.progress, dtype=self.real.dtype)
        return StageGame(
            self.state,
            progress,
            critic_parameters,
            generator_parameters,
            self.still,
            self.noise,
            self.second,
            lambda noise: generated(generator_parameters, noise),
        )

    def critic_loss(self, critic: Tensor, generator: Tensor) -> Tensor:
        """Return the critic's loss at these parameters."""
        fake = generated(generator, self.noise)
        return self.objective.critic_loss(self.critic(critic), self.real, fake, self.game(critic, generator))

    def generator_loss(self, critic: Tensor, generator: Tensor) -> Tensor:
        """Return the generator's loss at these parameters."""
        fake = generated(generator, self.noise)
        return self.objective.generator_loss(self.critic(critic), self.real, fake, self.game(critic, generator))

    def gradients(self) -> tuple[Tensor, Tensor]:
        """Return each player's gradient of its own loss."""
        critic = self.critic_parameters.detach().requires_grad_()
        generator = self.generator_parameters.detach().requires_grad_()
        return (
            gradient_of(self.critic_loss(critic, generator), critic),
            gradient_of(self.generator_loss(critic, generator), generator),
        )


def gradients_of(loss: Tensor, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Return the gradient of a loss at each input, zeros if the loss does not depend on it."""
    if not loss.requires_grad:
        return [torch.zeros_like(each) for each in inputs]
    found = torch.autograd.grad(loss, inputs, allow_unused=True)
    return [torch.zeros_like(each) if one is None else one for each, one in zip(inputs, found, strict=True)]


def gradient_of(loss: Tensor, parameters: Tensor) -> Tensor:
    """Return the gradient of a loss at one input."""
    return gradients_of(loss, [parameters])[0]


def line_game(
    objective: Objective, dtype: torch.dtype = torch.float64, real: Tensor | None = None, fake: Tensor | None = None
) -> StageGame:
    """Return a game for the line critic, which has a single parameter, with the objective's initial state.

    Samples are scores, so the generator is the identity and the noise is the fake batch; second batches repeat the
    first.
    """
    zero = torch.zeros(1, dtype=dtype)
    blank = StageGame({}, torch.tensor(0.3, dtype=dtype), zero, zero)
    game = replace(blank, state=objective.initial_state(blank))
    return game if real is None or fake is None else replace(game, noise=fake, second=(real, fake))
