"""The losses of an objective for your own training loop with two ordinary modules."""

from __future__ import annotations

import warnings
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
from objectives.loop_game import LoopGame, LoopPlayers
from objectives.passes import (
    Given,
    ModuleCritic,
    Precision,
    couples_batch,
    fixed_parameters,
    shape_of,
    widened,
)
from objectives.spec import parse

COUPLED = (
    "uses the critic's gradient at each sample, but this critic's batch norm couples the samples of a batch, "
    "so the gradient also depends on the other samples"
)


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
    name, traits = spelling(game), game.traits
    if critic is None and traits.trains_critic:
        raise UserError(f"{name} trains a critic; pass losses(..., critic=module)")
    if critic is not None and traits.critic_norm == "spectral" and not spectral_layers(critic):
        raise UserError(
            f"{name} needs a critic with spectral norm; "
            "wrap its layers in torch.nn.utils.parametrizations.spectral_norm"
        )
    if critic is not None and traits.critic_norm == "layer" and not layer_norms(critic):
        raise UserError(
            f"{name} needs a critic with layer norm; put torch.nn.LayerNorm(units), or torch.nn.GroupNorm(1, channels) "
            "of images, after its hidden layers"
        )
    if critic is not None and traits.sample_gradients and couples_batch(critic):
        warnings.warn(f"{name} {COUPLED}", UserWarning, stacklevel=2)
    given = None
    if critic is not None:
        joined = traits.conditioning != "classifier"
        given = Given(critic, traits.critic_kind, traits.packing, features_of, logits_of, head, joined)
    return TrainingLosses(game, given, LoopPlayers(critic, generator), steps, draws)


def spectral_layers(module: nn.Module) -> bool:
    """Return whether a layer is under torch's spectral norm, of either kind."""
    return any(
        "spectralnorm" in type(part).__name__.casefold().replace("_", "")
        for layer in module.modules()
        for part in (layer, *layer._forward_pre_hooks.values())
    )


def layer_norms(module: nn.Module) -> bool:
    """Return whether a layer normalises each sample over all its units."""
    return any(
        isinstance(layer, nn.LayerNorm) or (isinstance(layer, nn.GroupNorm) and layer.num_groups == 1)
        for layer in module.modules()
    )


class TrainingLosses(nn.Module):
    """Both losses of an objective for two modules, and the objective's state; build it with `losses`.

    Its state, such as BEGAN's k, is a buffer: `state_dict`, `load_state_dict` and `to` work as for any module. The
    players' parameters are not part of it.
    """

    def __init__(
        self,
        objective: Objective,
        given: Given | None,
        players: LoopPlayers,
        steps: int | None,
        draws: Draws | torch.Generator | None,
    ) -> None:
        super().__init__()
        if steps is not None and steps < 1:
            raise UserError(f"steps must be at least 1, got '{steps}'")
        self.objective, self.steps = objective, steps
        self.generator_steps = 0  # calls of `generator`
        self._given, self._players, self._draws = given, players, draws
        self._next: dict[str, Tensor] | None = None  # the state after the critic's step, until that step is made
        self._overdue = False  # the generator's loss was computed since
        self.state = nn.Module()
        zero = players.zero()
        game = LoopGame({}, players, UpdateDraws(draws, zero), 0.0, Precision.at(zero))
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
        if self._given is None:
            raise UserError(f"{spelling(self.objective)} does not train a critic; call only generator(real, fake)")
        if self._overdue and self.follows_critic:
            raise UserError(
                f"{spelling(self.objective)} needs after_critic_step() after each step of the critic; call it"
            )
        second = second and (second[0], second[1].detach())
        seat, game = self._seats(real, fake.detach(), noise, labels, second)
        with game.precision.for_loss():
            loss = scalar(self.objective.critic_loss(seat, *seat.pair, game), "critic_loss")
            if torch.is_grad_enabled():
                seat.refuse_unsynchronised()
                self._next = self._state_after(seat, game)
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
        seat, game = self._seats(real, fake, noise, labels, second)
        game.generator_moves = training
        with fixed_parameters(self._players.critic), game.precision.for_loss():
            loss = scalar(self.objective.generator_loss(seat, *seat.pair, game), "generator_loss")
        self.generator_steps += training
        self._overdue = self._next is not None
        return loss

    @torch.no_grad()
    def after_critic_step(self) -> None:
        """Constrain the critic (weight clipping) and update the objective's state; call it after each critic step.

        A state that is not finite is discarded, since GradScaler skips such a step too. Under
        DistributedDataParallel the state is averaged over processes.
        """
        if self._next is None:
            raise UserError("call after_critic_step() after critic(real, fake) and a step of the critic's optimiser")
        critic = self._players.critic
        before = self._players.vector("critic")
        after = self.objective.constrain(before)
        if critic is not None and after is not before:
            parameters = list(critic.parameters())
            for parameter, part in zip(parameters, after.split([each.numel() for each in parameters]), strict=True):
                parameter.copy_(part.view_as(parameter))
        for name, value in self._next.items():
            value = averaged(value, critic)
            kept = getattr(self.state, name)
            setattr(self.state, name, torch.where(value.isfinite().all(), value.to(kept), kept))
        self._next, self._overdue = None, False

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

    def _seats(
        self,
        real: Tensor,
        fake: Tensor,
        noise: Tensor | None,
        labels: Tensor | None,
        second: tuple[Tensor, Tensor] | None,
    ) -> tuple[ModuleCritic, LoopGame]:
        refuse_batches(real, fake, images=self.objective.traits.images)
        if labels is None and self.objective.traits.conditioning:
            raise UserError(f"{spelling(self.objective)} needs the labels of the batch; pass labels=")
        state = dict(self.state.named_buffers())
        strayed = next((name for name, value in state.items() if value.device != real.device), None)
        if strayed is not None:
            where = f"{state[strayed].device}, the batch on {real.device}"
            raise UserError(f"the loss's state is on {where}; move it with loss.to('{real.device}')")
        precision, pair = Precision.at(real), (widened(real), widened(fake))
        share = None if self.steps is None else min(self.generator_steps / self.steps, 1.0)
        draws = UpdateDraws(self._draws, pair[0])
        game = LoopGame(state, self._players, draws, share, precision, False, noise, labels, second)
        given = self._given or Given(nn.Identity(), "none")
        return ModuleCritic(given, pair, precision, labels), game

    def _state_after(self, seat: ModuleCritic, game: LoopGame) -> dict[str, Tensor]:
        seat.still = True
        with torch.no_grad():
            return {name: value.detach() for name, value in self.objective.next_state(seat, *seat.pair, game).items()}


def refuse_batches(real: Tensor, fake: Tensor, *, images: bool) -> None:
    """Raise an error for batches that cannot be compared."""
    if real.shape != fake.shape or not real.is_floating_point():
        what = f"{list(real.shape)} of {real.dtype} and {list(fake.shape)} of {fake.dtype}"
        raise UserError(f"real and fake must be floating-point batches of the same shape, got {what}")
    if images and (real.dim() != 4 or bool((real < 0.0).any())):
        what = f"{list(real.shape)} from {float(real.detach().min()):g}"
        raise UserError(f"diffaug needs images [B, C, H, W] in [0, 1], got {what}")


def scalar(loss: Any, method: str) -> Tensor:
    """Return a loss that is a scalar tensor; raise an error for anything else."""
    if not isinstance(loss, Tensor) or loss.dim() != 0:
        raise UserError(f"{method} must return a scalar tensor, not {shape_of(loss)}")
    return loss


def averaged(value: Tensor, critic: nn.Module | None) -> Tensor:
    """Return the mean of a value over the processes of a critic in DistributedDataParallel."""
    inner = None if critic is None else getattr(critic, "_orig_mod", critic)
    if not isinstance(inner, DistributedDataParallel):
        return value
    total = value.clone()
    torch.distributed.all_reduce(total, group=inner.process_group)
    return total / torch.distributed.get_world_size(inner.process_group)
