"""The losses of an objective for your own training loop with two ordinary modules."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from objectives.base import Objective
from objectives.draws import Draws, UpdateDraws
from objectives.foundation.errors import UserError
from objectives.identity import spelling
from objectives.loop_checks import check_batches, check_critic, scalar
from objectives.loop_game import LoopBatch, LoopGame, LoopPlayers
from objectives.module_critic import ModuleCritic, UserCritic
from objectives.modules import Precision, fixed_parameters, widened
from objectives.spec import parse


def losses(
    objective: str | Objective,
    *,
    critic: nn.Module | None = None,
    generator: nn.Module | None = None,
    features_of: Callable[..., Tensor] | None = None,
    logits_of: Callable[..., Tensor] | None = None,
    head: nn.Module | None = None,
    steps: int | None = None,
    draws: Draws | torch.Generator | None = None,
) -> TrainingLosses:
    """Return both losses of an objective for a training loop of your own.

    Settings that a problem of the benchmark would scale, such as EBGAN's margin, are the paper's unless given.

    Args:
        objective: Its spelling, `wgan-gp:weight=10+r1`, or an instance.
        critic: A module that returns scores [B] or [B, 1]; energies for EBGAN and BEGAN, embeddings [B, F] for MMD and
            Cramér GAN. With labels it is called as `critic(x, labels)`.
        generator: A module that maps noise to samples; some losses call it, and those without a critic train it.
        features_of: What maps samples to the critic's features [B, F], such as `critic[:-1]` of an `nn.Sequential`.
        logits_of: What maps samples to logits of their classes [B, C], for AC-GAN.
        head: The critic's last layer, an `nn.Linear(F, 1)`, for SAN.
        steps: Number of calls of `generator` in the whole training, for losses that change with it: `+noise`, `+topk`.
        draws: A `torch.Generator`, or an object with `uniform(purpose, shape)` and `normal(purpose, shape)`; without
            it draws come from torch's generator of the batch's device.

    Raises UserError, a ValueError, if something that the objective needs is missing.
    """
    game = parse(objective) if isinstance(objective, str) else objective
    check_critic(game, critic)
    traits = game.traits
    user_critic = UserCritic(
        nn.Identity() if critic is None else critic,
        "none" if critic is None else traits.critic_kind,
        traits.packing,
        features_of,
        logits_of,
        head,
        takes_labels=traits.conditioning != "classifier",
    )
    return TrainingLosses(game, user_critic, LoopPlayers(critic, generator), steps, draws)


class TrainingLosses(nn.Module):
    """Both losses of an objective for two modules, and the objective's state; build it with `losses`.

    Its state, such as BEGAN's k, is a buffer: `state_dict`, `load_state_dict` and `to` work as for any module. The
    players' parameters are not part of it.
    """

    def __init__(
        self,
        objective: Objective,
        user_critic: UserCritic,
        players: LoopPlayers,
        steps: int | None,
        draws: Draws | torch.Generator | None,
    ) -> None:
        super().__init__()
        if steps is not None and steps < 1:
            raise UserError(f"steps must be at least 1, got '{steps}'")
        self.objective, self.steps = objective, steps
        self.generator_steps = 0  # calls of `generator`
        self._user_critic, self._players, self._draws = user_critic, players, draws
        self._next_state: dict[str, Tensor] | None = None  # to be taken over in `after_critic_step`
        self._awaits_critic_step = False  # `generator` was called since `critic`, so that step must be done by now
        self.state = nn.Module()
        zero = players.zero()
        game = LoopGame(
            state={},
            players=players,
            draws=UpdateDraws(draws, zero),
            precision=Precision.at(zero),
            batch=LoopBatch(zero, zero),
            fraction_done=0.0,
        )
        with torch.no_grad():
            for name, value in objective.initial_state(game).items():
                self.state.register_buffer(name, value.clone())

    def critic(
        self,
        real: Tensor,
        fake: Tensor,
        *,
        noise: Tensor | None = None,
        labels: Tensor | None = None,
        second: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        """Return the critic's loss; no gradient reaches the generator.

        Args:
            real: Real samples [B, *data].
            fake: Generated samples [B, *data], with or without their graph.
            noise: The noise they were generated from, for losses that perturb it.
            labels: Classes of the rows, the same for real and fake; the critic is called as `critic(x, labels)`.
            second: A second, independent batch of real and of generated samples, for OT-GAN.
        """
        if self._players.critic is None:
            raise UserError(f"{spelling(self.objective)} does not train a critic; call only generator(real, fake)")
        if self._awaits_critic_step and self.follows_critic:
            raise UserError(
                f"{spelling(self.objective)} needs after_critic_step() after each step of the critic; call it"
            )
        batch = LoopBatch(real, fake, noise, labels, second).without_generator()
        critic, game = self._critic_of(batch), self._game_of(batch)
        with game.precision.for_loss():
            loss = scalar(self.objective.critic_loss(critic, critic.real, critic.fake, game), "critic_loss")
            if torch.is_grad_enabled():
                critic.refuse_unsynchronised()
                self._next_state = self._state_after(critic, game)
        return loss

    def generator(
        self,
        real: Tensor,
        fake: Tensor,
        *,
        noise: Tensor | None = None,
        labels: Tensor | None = None,
        second: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        """Return the generator's loss; no gradient reaches the critic's parameters. The arguments are `critic`'s."""
        training = torch.is_grad_enabled()
        if training and not fake.requires_grad:
            raise UserError("the generator's loss needs fake samples with their graph; pass G(z) without detach()")
        batch = LoopBatch(real, fake, noise, labels, second)
        critic, game = self._critic_of(batch), self._game_of(batch, generator_trains=training)
        with fixed_parameters(self._players.critic), game.precision.for_loss():
            loss = scalar(self.objective.generator_loss(critic, critic.real, critic.fake, game), "generator_loss")
        self.generator_steps += training
        self._awaits_critic_step = self._next_state is not None
        return loss

    @torch.no_grad()
    def after_critic_step(self) -> None:
        """Constrain the critic (weight clipping) and update the objective's state; call it after each critic step.

        A state that is not finite is discarded, since GradScaler skips such a step too. Under
        DistributedDataParallel the state is averaged over processes.
        """
        if self._next_state is None:
            raise UserError("call after_critic_step() after critic(real, fake) and a step of the critic's optimiser")
        critic = self._players.critic
        before = self._players.vector("critic")
        after = self.objective.constrain(before)
        if critic is not None and after is not before:
            parameters = list(critic.parameters())
            for parameter, part in zip(parameters, after.split([each.numel() for each in parameters]), strict=True):
                parameter.copy_(part.view_as(parameter))
        for name, value in self._next_state.items():
            value = averaged(value, critic)
            kept = getattr(self.state, name)
            setattr(self.state, name, torch.where(value.isfinite().all(), value.to(kept), kept))
        self._next_state, self._awaits_critic_step = None, False

    @cached_property
    def follows_critic(self) -> bool:
        """Return whether anything has to be done after a step of the critic."""
        if any(True for _ in self.state.buffers()):
            return True
        with torch.no_grad():
            before = self._players.vector("critic")
            return self.objective.constrain(before) is not before

    def get_extra_state(self) -> dict[str, Any]:
        """Return the part of the state that is not tensors."""
        return {"objective": spelling(self.objective), "generator_steps": self.generator_steps}

    def set_extra_state(self, state: Any) -> None:
        """Restore what `get_extra_state` returned for the same objective."""
        if state["objective"] != spelling(self.objective):
            raise UserError(f"this is the state of {state['objective']}, not of {spelling(self.objective)}")
        self.generator_steps = state["generator_steps"]

    def extra_repr(self) -> str:
        """Return the objective's spelling."""
        return spelling(self.objective)

    def _critic_of(self, batch: LoopBatch) -> ModuleCritic:
        """Return the critic that one call of a loss evaluates."""
        check_batches(batch.real, batch.fake, images=self.objective.traits.images)
        if batch.labels is None and self.objective.traits.conditioning:
            raise UserError(f"{spelling(self.objective)} needs the labels of the batch; pass labels=")
        real, fake = widened(batch.real), widened(batch.fake)
        return ModuleCritic(self._user_critic, real, fake, Precision.at(batch.real), batch.labels)

    def _game_of(self, batch: LoopBatch, *, generator_trains: bool = False) -> LoopGame:
        """Return the rest of the game for one call of a loss."""
        state = dict(self.state.named_buffers())
        for value in state.values():
            if value.device != batch.real.device:
                where = f"{value.device}, the batch on {batch.real.device}"
                raise UserError(f"the loss's state is on {where}; move it with loss.to('{batch.real.device}')")
        return LoopGame(
            state=state,
            players=self._players,
            draws=UpdateDraws(self._draws, widened(batch.real)),
            precision=Precision.at(batch.real),
            batch=batch,
            fraction_done=None if self.steps is None else min(self.generator_steps / self.steps, 1.0),
            generator_trains=generator_trains,
        )

    def _state_after(self, critic: ModuleCritic, game: LoopGame) -> dict[str, Tensor]:
        """Return the objective's state after this update of the critic."""
        critic.keep_buffers = True
        with torch.no_grad():
            state = self.objective.next_state(critic, critic.real, critic.fake, game)
            return {name: value.detach() for name, value in state.items()}


def averaged(value: Tensor, critic: nn.Module | None) -> Tensor:
    """Return the mean of a value over the processes of a critic in DistributedDataParallel."""
    inner = None if critic is None else getattr(critic, "_orig_mod", critic)
    if not isinstance(inner, DistributedDataParallel):
        return value
    total = value.clone()
    torch.distributed.all_reduce(total, group=inner.process_group)
    return total / torch.distributed.get_world_size(inner.process_group)
