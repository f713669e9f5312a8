"""The contract of networks: shapes, weights determined by the seed, stacking, independent samples, gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.func import vmap

from benchmark.catalogue.contracts.attempt import Seen, attempt
from benchmark.engine import streams
from benchmark.engine.flat import FlatNetwork, build_from
from benchmark.networks import Architecture, CriticNetwork, CriticOutput, Noise, Shape
from benchmark.networks.architecture import NoCritic
from objectives.laws.result import LawResult
from objectives.traits import CriticKind

SHAPES: tuple[Shape, ...] = ((2,), (1, 28, 28), (3, 32, 32), (3, 64, 64))  # the first that it builds is checked
KINDS: tuple[CriticKind, ...] = ("score", "energy", "embedding")
BATCH, CLOSE = 6, 1e-4


def check_network(architecture: Architecture, cache: Path) -> list[LawResult]:
    """Return the laws of a pair on the first shape of samples that it builds networks for."""
    shape, why = _first_shape(architecture)
    if shape is None:
        return [LawResult("shapes", "networks for samples of 2 numbers or for images", why, False)]
    players: dict[str, Callable[[], nn.Module]] = {"generator": partial(architecture.generator, shape, None)}
    players |= {str(kind): partial(architecture.critic, kind, shape) for kind in KINDS if architecture.has(kind)}
    results = [
        LawResult("shapes", "samples of the data's shape, and one score each", f"as expected for {list(shape)}", True)
    ]
    for player, build in players.items():
        inputs = _inputs(architecture.noise, shape, generator=player == "generator")
        results += [
            attempt(f"{player}: weights", "one seed gives the same weights twice", partial(_weights, build)),
            attempt(f"{player}: stack", "two members at once equal each alone", partial(_stack, build, inputs)),
            attempt(f"{player}: gradients", "every gradient is finite", partial(_gradients, build, inputs)),
        ]
        if player != "generator":
            results.append(
                attempt(
                    f"{player}: apart",
                    "a sample's score depends on it alone",
                    partial(_apart, build),
                )
            )
    return results


def _first_shape(architecture: Architecture) -> tuple[Shape | None, str]:
    why = "it fits neither"
    for shape in SHAPES:
        if not architecture.fits(shape):
            continue
        try:
            noise = torch.randn(BATCH, architecture.noise.dimension)
            samples = architecture.generator(shape, None)(noise)
            judge = architecture.critic("score", shape) if architecture.has("score") else NoCritic()
            scores = judge(samples).scores
            if samples.shape == (BATCH, *shape) and scores is not None and scores.shape == (BATCH,):
                return shape, ""
            why = f"samples of {list(samples.shape[1:])} for {list(shape)}"
        except Exception as error:
            why = f"{type(error).__name__}: {error}" if why == "it fits neither" else why
    return None, why


def _inputs(noise: Noise, shape: Shape, *, generator: bool) -> Tensor:
    made = torch.Generator().manual_seed(1)
    return torch.rand(BATCH, *((noise.dimension,) if generator else shape), generator=made)


def _weights(build: Callable[[], nn.Module]) -> Seen:
    first, second = (
        torch.cat([one.detach().flatten() for one in build_from(build, streams.generator(3, "check")).parameters()])
        for _ in range(2)
    )
    return ("the same", True) if torch.equal(first, second) else ("different weights: draw them only with torch", False)


def _stack(build: Callable[[], nn.Module], inputs: Tensor) -> Seen:
    network = FlatNetwork.of(build)
    parameters = network.initial([0, 1], "check")
    both = vmap(lambda one: _output(network(one, inputs)))(parameters)
    alone = torch.stack([_output(network(one, inputs)) for one in parameters])
    far = float((both - alone).abs().max().detach())
    return f"they differ by {far:.1e}", far <= CLOSE * (1.0 + float(alone.abs().max().detach()))


def _gradients(build: Callable[[], nn.Module], inputs: Tensor) -> Seen:
    network = FlatNetwork.of(build)
    parameters = network.initial([0], "check")[0].requires_grad_()
    inputs = inputs.clone().requires_grad_()
    found = torch.autograd.grad(_output(network(parameters, inputs)).square().sum(), (parameters, inputs))
    if not all(bool(one.isfinite().all()) for one in found):
        return "some gradients are not finite", False
    return ("all gradients are finite", True) if bool(found[0].any()) else ("the weights have no gradient", False)


def _apart(build: Callable[[], nn.Module]) -> Seen:
    if cast(CriticNetwork, build()).couples_batch:
        return "it depends on the batch, so penalties on single samples deviate from their papers", None
    return "as expected", True


def _output(found: object) -> Tensor:
    if isinstance(found, Tensor):
        return found
    output = cast(CriticOutput, found)
    return output.features if output.scores is None else output.scores
