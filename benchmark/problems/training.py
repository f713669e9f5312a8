"""The settings of both players: their optimisers, schedules and dynamics, and the batch."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 10**9  # of what is counted: batches, steps, updates


@dataclass(frozen=True)
class Training:
    """The settings of both players that a problem shares among objectives; `--set` changes them by name."""

    optimiser: str = "adam"  # or adamw, rmsprop, sgd; of both players
    generator_learning_rate: float = 1e-3  # at the start of its schedule
    critic_learning_rate: float = 1e-3  # likewise
    beta1: float = 0.5  # of Adam and AdamW
    beta2: float = 0.999  # of Adam and AdamW
    epsilon: float = 1e-8  # of Adam, AdamW and RMSProp
    momentum: float = 0.0  # of SGD
    nesterov: bool = False  # of SGD
    alpha: float = 0.99  # of RMSProp
    weight_decay: float = 0.01  # of AdamW
    learning_rate_schedule: str = "constant"  # or exponential, linear: of both players, each over its own updates
    learning_rate_decay: float = 1.000004  # of exponential: divides at each update
    learning_rate_floor: float = 1e-6  # of exponential
    learning_rate_final: float = 0.0  # of linear
    learning_rate_start: int = 0  # of linear, in updates
    learning_rate_stop: int = 10_000  # of linear, in updates
    momentum_schedule: str = "constant"  # or linear; of SGD
    momentum_final: float = 0.7  # of linear
    momentum_start: int = 0  # of linear, in updates
    momentum_stop: int = 10_000  # of linear, in updates
    clip_norm: float = 0.0  # largest Euclidean norm of a player's gradient; 0 does not clip
    ema_decay: float = 0.0  # of the generator's moving average, which is then what is scored; 0 keeps none
    dynamics: str = "alternating"  # how the two players move
    critic_steps: int = 1  # for one turn of the generator, where they take turns
    generator_steps: int = 1  # in its turn
    unroll_steps: int = 5  # of unrolled
    consensus_gamma: float = 10.0  # of consensus
    batch: int = 128  # real samples, and as many generated ones

    def __post_init__(self) -> None:
        not_negative = ("generator_learning_rate", "critic_learning_rate", "learning_rate_final", "learning_rate_floor")
        for name in (*not_negative, "epsilon", "weight_decay", "clip_norm", "consensus_gamma"):
            if not 0.0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be a finite number, 0 or more, got {getattr(self, name)!r}")
        for name in ("beta1", "beta2", "momentum", "alpha", "momentum_final", "ema_decay"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} must be in [0, 1), got {getattr(self, name)!r}")
        for name in ("critic_steps", "generator_steps", "unroll_steps", "batch", "learning_rate_decay"):
            if not 1 <= getattr(self, name) <= MOST:
                raise ValueError(f"{name} must be 1 to {MOST:,}, got {getattr(self, name)!r}")
        for name in ("learning_rate", "momentum"):
            start, stop = getattr(self, f"{name}_start"), getattr(self, f"{name}_stop")
            if not 0 <= start < stop <= MOST:
                raise ValueError(
                    f"{name}_start must be 0 or more and below {name}_stop, which is at most {MOST:,}, "
                    f"got {start!r} and {stop!r}"
                )
