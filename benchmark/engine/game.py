"""One member's game as its objective sees it: the critic's handle, the draws, and the two losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, cast

import torch
from torch import Tensor

from benchmark.engine import streams
from benchmark.engine.flat import FlatNetwork
from benchmark.networks import CriticNetwork, CriticOutput, Draw
from objectives import Objective
from objectives.base import NO_SECOND, bind


@dataclass(frozen=True, kw_only=True)
class MemberGame:
    """The rest of the game: see `objectives.base.Game`."""

    state: Mapping[str, Tensor]
    progress: Tensor
    critic_parameters: Tensor
    generator_parameters: Tensor
    key: Tensor  # of this seed, iteration and inner step
    noise: Tensor  # [B, Z] of the generated batch
    network: FlatNetwork  # the generator's
    further: Mapping[str, Tensor] = field(default_factory=dict)  # see `Round`

    def generator(self, noise: Tensor) -> Tensor:
        """Return the generator's samples [B, *data] for noise [B, Z], with the batch's labels if it takes any."""
        return cast(Tensor, self.network(self.generator_parameters, with_labels(noise, self.further.get("labels"))))

    @property
    def labels(self) -> Tensor:
        """Return the labels [B, C] of the batch."""
        if "labels" not in self.further:
            raise TypeError("a loss uses labels; set conditioning in its traits to say how they enter the critic")
        return self.further["labels"]

    @property
    def second_real(self) -> Tensor:
        """Return the second real batch."""
        return self._second("second_real")

    @cached_property
    def second_fake(self) -> Tensor:
        """Return the second generated batch."""
        return self.generator(self._second("second_noise"))

    def _second(self, name: str) -> Tensor:
        if name not in self.further:
            raise TypeError(NO_SECOND)
        return self.further[name]

    def uniform(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from U[0, 1)."""
        return streams.uniform(streams.fold(self.key, purpose), shape, self.critic_parameters.dtype)

    def normal(self, purpose: str, shape: Sequence[int]) -> Tensor:
        """Draw from N(0, 1)."""
        return streams.normal(streams.fold(self.key, purpose), shape, self.critic_parameters.dtype)


@dataclass
class CriticHandle:
    """The critic of one loss: it scores each batch once, and both batches of the game in one pass if possible."""

    network: FlatNetwork
    parameters: Tensor
    pair: tuple[Tensor, Tensor]
    together: bool  # score the pair in one pass
    packing: int = 1  # points in one critic input (PacGAN)
    key: Tensor | None = None  # of the draws of its dropout
    labels: Tensor | None = None  # [B, C], if the critic takes any
    outputs: dict[int, CriticOutput] = field(default_factory=dict)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the scores [B]."""
        scores = self._output(x).scores
        if scores is None:
            raise TypeError("this critic is an embedding without scores; use critic.features(x) in the loss")
        return scores

    def features(self, x: Tensor) -> Tensor:
        """Return the embedding [B, F]."""
        return self._output(x).features

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits [B, C] of the classes."""
        logits = self._output(x).logits
        if logits is None:
            raise TypeError("critic.logits needs a classifier head; set conditioning='classifier' in the traits")
        return logits

    @property
    def head(self) -> Tensor:
        """Return the weights [F] of the layer that scores features."""
        return self.network.score_weights(self.parameters)

    def mean_scores(self) -> Tensor:
        """Return the mean score of real and of fake [2], for the curves; NaN for an embedding.

        They are computed here if the loss only saw other batches, such as noisy ones.
        """
        absent = self.parameters.new_full((), float("nan"))
        with torch.no_grad():
            scores = [self._output(x).scores for x in self.pair]
            return torch.stack([absent if own is None else own.mean() for own in scores])

    def _output(self, x: Tensor) -> CriticOutput:
        position = next((index for index, known in enumerate(self.pair) if x is known), None)
        if position is None:
            return self._apply(x, "other")
        if position not in self.outputs:
            if self.together:
                self._score_pair()
            else:
                self.outputs[position] = self._apply(x, ("real", "fake")[position])
        return self.outputs[position]

    def _score_pair(self) -> None:
        real, fake = self.pair
        output = self._apply(torch.cat([real, fake]), "pair")
        sizes = [real.shape[0] // self.packing, fake.shape[0] // self.packing]
        features = output.features.split(sizes)
        scores, logits = (
            (None, None) if both is None else both.split(sizes) for both in (output.scores, output.logits)
        )
        parts = zip(scores, features, logits, strict=True)
        self.outputs = {position: CriticOutput(*part) for position, part in enumerate(parts)}

    def _apply(self, x: Tensor, batch: str) -> CriticOutput:
        if self.packing > 1:  # [m B, C, ...] -> [B, m C, ...]: the m points are joined along the first data axis
            x = x.reshape(x.shape[0] // self.packing, self.packing * x.shape[1], *x.shape[2:])
        labels = self.labels
        if labels is not None and x.shape[0] != labels.shape[0]:  # real and fake in one pass
            labels = labels.repeat(x.shape[0] // labels.shape[0], 1)
        return cast(CriticOutput, self.network(self.parameters, x, self._draw(batch), labels))

    def _draw(self, batch: str) -> Draw | None:
        """Return the dropout draws of the critic for one batch; all points that a loss creates share one."""
        if self.key is None or not cast(CriticNetwork, self.network.module).draws:
            return None
        key, dtype = streams.fold(self.key, f"critic {batch}"), self.parameters.dtype
        return lambda purpose, shape: streams.uniform(streams.fold(key, purpose), shape, dtype)


def with_labels(noise: Tensor, labels: Tensor | None) -> Tensor:
    """Return the input of a generator: noise [..., Z], followed by labels [..., C] if it takes any."""
    return noise if labels is None else torch.cat([noise, labels], -1)


class NotALossError(TypeError):
    """A loss did not return a scalar tensor; `method` names the loss."""

    def __init__(self, found: str, method: str) -> None:
        super().__init__(f"{method} must return a scalar tensor, not {found}")
        self.method = method


def scalar(loss: Tensor, method: str) -> Tensor:
    """Return a loss that is a scalar; a vector would otherwise be summed silently."""
    if not isinstance(loss, Tensor) or loss.dim() != 0:
        found = f"a tensor of shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else f"a {type(loss).__name__}"
        raise NotALossError(found, method)
    return loss


class Players(NamedTuple):
    """Both players' parameters and the objective's own state: of one member, or stacked over members."""

    critic: Tensor
    generator: Tensor
    objective: Mapping[str, Tensor]


class Round(NamedTuple):
    """What one loss consumes: a real batch, noise, the key of its draws and per-member settings."""

    real: Tensor
    noise: Tensor
    key: Tensor
    settings: Mapping[str, Tensor]
    further: Mapping[str, Tensor]  # second_real and second_noise, labels [B, C], if the objective uses them


@dataclass(frozen=True)
class Losses:
    """The two losses of one member as pure functions of the players."""

    objective: Objective
    critic: FlatNetwork
    generator: FlatNetwork

    def of_critic(
        self, players: Players, round_: Round, progress: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor], Tensor]:
        """Return the critic's loss, the objective's next state, and the mean scores of real and fake [2]."""
        network = cast(CriticNetwork, self.critic.module)
        together = not (network.couples_batch or network.shared_mask)
        objective, handle, game = self._arguments(players, round_, progress, together=together)
        loss = scalar(objective.critic_loss(handle, *handle.pair, game), "critic_loss")
        return loss, dict(objective.next_state(handle, *handle.pair, game)), handle.mean_scores()

    def of_generator(self, players: Players, round_: Round, progress: Tensor) -> Tensor:
        """Return the generator's loss; most never use the real scores, so the pair is not scored together."""
        objective, handle, game = self._arguments(players, round_, progress, together=False)
        return scalar(objective.generator_loss(handle, *handle.pair, game), "generator_loss")

    def initial_state(self, players: Players, key: Tensor, settings: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """Return the objective's own state before the first update."""
        objective = bind(self.objective, settings)
        zero = torch.zeros((), dtype=players.critic.dtype, device=players.critic.device)
        game = MemberGame(
            state={},
            progress=zero,
            critic_parameters=self.critic.weights(players.critic),
            generator_parameters=players.generator,
            key=key,
            noise=zero.expand(0, 0),
            network=self.generator,
        )
        return dict(objective.initial_state(game))

    def _arguments(
        self, players: Players, round_: Round, progress: Tensor, *, together: bool
    ) -> tuple[Objective, CriticHandle, MemberGame]:
        """Return the objective with the member's settings, and the critic and the game that its losses get."""
        labels = round_.further.get("labels")
        fake = cast(Tensor, self.generator(players.generator, with_labels(round_.noise, labels)))
        packing = self.objective.traits.packing
        handle = CriticHandle(
            self.critic, players.critic, (round_.real, fake), together, packing, round_.key, labels=labels
        )
        game = MemberGame(
            state=players.objective,
            progress=progress,
            critic_parameters=self.critic.weights(players.critic),
            generator_parameters=players.generator,
            key=round_.key,
            noise=round_.noise,
            network=self.generator,
            further=round_.further,
        )
        return bind(self.objective, round_.settings), handle, game
