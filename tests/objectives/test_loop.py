"""Losses in a user's training loop: with the features of real loops, and one sentence for each mistake."""

from __future__ import annotations

import copy
import os
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from inspect import signature
from subprocess import Popen

import pytest
import torch
from torch import nn
from torch.distributed import destroy_process_group, init_process_group
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils.parametrizations import spectral_norm

from objectives import OBJECTIVES, Objective, losses
from objectives.foundation.errors import UserError
from objectives.spec import parse
from tests.objectives import one_of_two
from tests.prose import ROOT

BATCH, NOISE = 8, 3
COUPLED = "ignore:.*this critic's batch norm couples:UserWarning"
WRAPPED = (
    "ns+gn",
    "ns+zcr",
    "hinge+san",
    "hinge+sn",
    "wgan-gp+ln",
    "ns+history",
    "ns+lecam+noise",
    "ns+r1+pac",
    "ns+topk",
    "ns+acgan",
)


class Energy(nn.Module):
    """An auto-encoder's error of reconstruction, from a code [B, 4]."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))
        self.decoder = nn.Linear(4, 2)

    def forward(self, x):
        """Return ‖Dec(Enc(x)) - x‖."""
        return torch.linalg.vector_norm(self.decoder(self.encoder(x)) - x, dim=1)


def critic_of(spec):
    """Return a critic with batch norm of the kind that an objective plays against."""
    traits = parse(spec).traits
    if traits.critic_kind == "energy":
        return Energy()
    last = nn.Linear(8, 4 if traits.critic_kind == "embedding" else 1)
    first = nn.Linear(2 * traits.packing, 8)
    if traits.critic_norm == "spectral":
        first, last = spectral_norm(first), spectral_norm(last)
    if traits.critic_norm == "layer":
        return nn.Sequential(first, nn.LayerNorm(8), nn.LeakyReLU(0.2), last)
    return nn.Sequential(first, nn.BatchNorm1d(8), nn.LeakyReLU(0.2), last)


def set_up(spec, wrap=lambda module: module, **options):
    """Return a loss with its critic and its generator."""
    torch.manual_seed(0)
    plain = critic_of(spec)
    critic, generator = wrap(plain), nn.Sequential(nn.Linear(NOISE, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
    kind = parse(spec).traits.critic_kind
    features = plain.encoder if kind == "energy" else None if kind == "embedding" else plain[:-1]
    classes = nn.Linear(8, 2)
    loss = losses(
        spec,
        critic=critic if kind != "none" else None,
        generator=generator,
        features_of=features,
        logits_of=lambda x: classes(plain[:-1](x)),
        head=None if kind == "energy" else plain[-1],
        steps=10,
        draws=torch.Generator().manual_seed(1),
        **options,
    )
    return loss, critic, generator


def batch(generator, real=True):
    """Return the arguments of a loss."""
    z = torch.randn(BATCH, NOISE)
    labels = nn.functional.one_hot(torch.arange(BATCH) % 2).float()
    second = (torch.randn(BATCH, 2), generator(torch.randn(BATCH, NOISE)))
    return torch.randn(BATCH, 2), generator(z), {"noise": z, "labels": labels, "second": second}


def keyword_arguments(loss, given):
    """Return the keyword arguments that this objective's loss takes."""
    conditional = bool(loss.objective.traits.conditioning)
    return {name: value for name, value in given.items() if name != "labels" or conditional}


def train(loss, critic, generator, precision=nullcontext, scaler=None, steps=2):
    """Train for a few steps as a script does, and return the last losses."""
    optimisers = [torch.optim.Adam(module.parameters(), 1e-3) for module in (critic, generator)]
    seen = []
    for _ in range(steps):
        for side, optimiser in enumerate(optimisers):
            if side == 0 and not loss.objective.traits.trains_critic:
                continue
            with precision():
                real, fake, given = batch(generator)
                value = (loss.critic, loss.generator)[side](real, fake, **keyword_arguments(loss, given))
            optimiser.zero_grad()
            if scaler is None:
                value.backward()
                optimiser.step()
            else:
                scaler.scale(value).backward()
                scaler.step(optimiser)
                scaler.update()
            if side == 0:
                loss.after_critic_step()
            seen.append(value.detach())
    return torch.stack(seen)


@pytest.mark.filterwarnings(COUPLED)
@pytest.mark.parametrize("spec", [*OBJECTIVES, *WRAPPED, "ns+acgan"])
def test_every_objective_trains_with_batch_norm_and_in_half_precision(spec):
    """In float32, in bfloat16, and in float16 with GradScaler: losses are finite float32, parameters move."""
    for dtype in (None, torch.bfloat16, torch.float16):
        loss, critic, generator = set_up(spec)
        before = copy.deepcopy([critic.state_dict(), generator.state_dict()])
        scaler = torch.amp.GradScaler("cpu", init_scale=256.0) if dtype is torch.float16 else None
        precision = nullcontext if dtype is None else lambda dtype=dtype: torch.autocast("cpu", dtype)
        seen = train(loss, critic, generator, precision, scaler)
        assert seen.dtype == torch.float32
        assert seen.isfinite().all()
        assert all(value.isfinite().all() for value in loss.state.buffers())
        assert all(each.isfinite().all() for module in (critic, generator) for each in module.parameters())
        assert not generator[0].weight.equal(before[1]["0.weight"])


@pytest.fixture
def process_group(tmp_path):
    """Form a group of only this process."""
    init_process_group("gloo", init_method=f"file://{tmp_path / 'group'}", rank=0, world_size=1)
    yield
    destroy_process_group()


@pytest.mark.filterwarnings(COUPLED)
def test_a_distributed_critic_trains_as_a_plain_one(process_group):
    """Every objective with a critic gives the same numbers; losses that would bypass averaging are refused."""
    # Older releases of torch need this; see the page on training loops.
    newer = "forward_sync_buffers" in signature(DistributedDataParallel).parameters
    wrap = partial(DistributedDataParallel, **({} if newer else {"broadcast_buffers": False}))
    for spec in (*OBJECTIVES, *WRAPPED):
        kind = parse(spec).traits.critic_kind
        if kind == "none":
            continue
        if spec in ("ns+gn", "hinge+san"):
            with pytest.raises(UserError, match="DistributedDataParallel would not average"):
                train(*set_up(spec, wrap))
            continue
        torch.manual_seed(0)
        apart, plain = train(*set_up(spec, wrap)), train(*set_up(spec))
        torch.testing.assert_close(apart, plain, msg=lambda text, spec=spec: f"{spec}: {text}")


@pytest.mark.full
def test_two_processes_train_as_one(tmp_path):
    """Gradients and the state are those of the whole batch in one process."""
    spec, place = "ns+r1+lecam", tmp_path / "group"
    words = [sys.executable, one_of_two.__file__]
    path = os.pathsep.join([str(ROOT), *sys.path])
    pair = [Popen([*words, str(rank), place, spec], env={**os.environ, "PYTHONPATH": path}) for rank in range(2)]
    assert [each.wait(120) for each in pair] == [0, 0]
    gradients, state = one_of_two.step(lambda module: module, spec, slice(None))
    for rank in range(2):
        theirs = torch.load(f"{place}.{rank}")
        torch.testing.assert_close(theirs[0], gradients)
        torch.testing.assert_close(theirs[1], state)


@pytest.mark.filterwarnings(COUPLED)
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")  # torch's own
@pytest.mark.filterwarnings("ignore:Guards may run slower on Python 3.13.0:RuntimeWarning")
@pytest.mark.parametrize("spec", ["wgan-gp", "mmd"])
def test_a_compiled_critic_trains_as_a_plain_one(spec):
    """Compiled code is differentiated once; a penalty's points pass the module that was compiled."""
    compiled = train(*set_up(spec, lambda module: torch.compile(module, backend="aot_eager")))
    torch.testing.assert_close(compiled, train(*set_up(spec)))


@pytest.mark.filterwarnings(COUPLED)
@pytest.mark.parametrize("spec", ["ns", "wgan-gp", "r3gan", "ns+zcr", "ns+history"])
def test_each_loss_moves_its_player_alone(spec):
    """No gradient reaches the other player, with and without a graph behind the fakes."""
    loss, critic, generator = set_up(spec)
    real, fake, given = batch(generator)
    loss.critic(real, fake, noise=given["noise"]).backward()
    assert all(each.grad is None for each in generator.parameters())
    assert all(each.grad is not None for each in critic[0].parameters())
    critic.zero_grad()
    loss.after_critic_step()
    loss.generator(real, fake, noise=given["noise"]).backward()
    assert all(each.grad is None and each.requires_grad for each in critic.parameters())
    assert all(each.grad is not None for each in generator.parameters())


def test_penalties_leave_batch_norm_unchanged_and_warn_of_it():
    """The averages follow real and fake samples only; the warning of coupled batches comes once."""
    with pytest.warns(UserWarning, match=r"wgan-gp uses the critic's gradient at each sample"):
        loss, critic, generator = set_up("wgan-gp")
    plain, other, _ = set_up("wasserstein")
    real, fake, _ = batch(generator)
    loss.critic(real, fake)
    plain.critic(real, fake)
    assert int(critic[1].num_batches_tracked) == 2
    assert critic[1].running_mean.equal(other[1].running_mean)


def test_clipping_applies_to_a_module():
    """All weights of the critic of `wgan` are within the bound after each step; other critics are unchanged."""
    loss, critic, generator = set_up("wgan:bound=0.02")
    train(loss, critic, generator)
    assert max(float(each.detach().abs().max()) for each in critic.parameters()) <= 0.02
    free, critic, _ = set_up("ns")
    before = [each.clone() for each in critic.parameters()]
    free.critic(torch.randn(BATCH, 2), torch.randn(BATCH, 2))
    free.after_critic_step()
    assert all(one.equal(other) for one, other in zip(before, critic.parameters(), strict=True))


def test_a_state_is_saved_moved_and_checked():
    """LeCam's averages and the steps are in a state_dict; the state of another objective is refused."""
    loss, critic, generator = set_up("ns+lecam")
    train(loss, critic, generator, steps=3)
    saved = loss.state_dict()
    other, *_ = set_up("ns+lecam")
    assert other.state.lecam_seen == 0.0
    other.load_state_dict(saved)
    assert other.state.lecam_real == loss.state.lecam_real != 0.0
    assert other.generator_steps == 3
    assert loss.to(torch.float64).state.lecam_real.dtype == torch.float64
    with pytest.raises(UserError, match=r"this is the state of ns\+lecam, not of ns\+lecam:weight=1"):
        set_up("ns+lecam:weight=1")[0].load_state_dict(saved)


def test_a_state_that_is_not_finite_is_discarded():
    """An overflow that GradScaler skips does not change k."""
    loss, *_ = set_up("began")
    loss.critic(torch.full((BATCH, 2), torch.inf), torch.randn(BATCH, 2))
    loss.after_critic_step()
    assert loss.state.k == 0.0


def test_accumulated_and_simultaneous_steps_need_no_call_between():
    """Several losses may come before one step of the critic, and both players' before both steps."""
    loss, _, generator = set_up("wgan")
    for _ in range(2):
        real, fake, _ = batch(generator)
        loss.critic(real, fake)
        loss.critic(real, fake)
        loss.generator(real, fake)
        loss.after_critic_step()


@dataclass(frozen=True)
class Twice(Objective):
    """A loss that draws one purpose twice, and two purposes."""

    def critic_loss(self, critic, real, fake, game):
        """Return 0 if equal purposes give equal numbers, and others do not."""
        same = (game.normal("a", (4,)) - game.normal("a", (4,))).abs().sum()
        return critic(real).mean() * 0.0 + same + (game.normal("a", (4,)) == game.normal("b", (4,))).sum()

    def generator_loss(self, critic, real, fake, game):
        """Return a number that follows the draws."""
        return critic(fake).mean() * 0.0 + game.uniform("c", ()).sum()


def test_draws_are_equal_within_an_update_and_new_after_it():
    """They come from torch's generator, or from the one given."""
    critic, real = nn.Linear(2, 1), torch.randn(BATCH, 2)
    fake = real.clone().requires_grad_()
    loss = losses(Twice(), critic=critic)
    assert loss.critic(real, fake) == 0.0
    assert loss.generator(real, fake) != loss.generator(real, fake)
    first, second = (
        losses(Twice(), critic=critic, draws=torch.Generator().manual_seed(3)).generator(real, fake) for _ in range(2)
    )
    assert first == second


def linear(outputs=1):
    """Return a critic without batch norm."""
    return nn.Linear(2, outputs)


X = torch.randn(BATCH, 2)
FAKE = torch.randn(BATCH, 2).requires_grad_()
IMAGES = torch.rand(BATCH, 1, 8, 8)
MISTAKES = {
    "a critic": (lambda: losses("ns"), "ns trains a critic; pass"),
    "no critic": (lambda: losses("mmd-fixed", generator=linear()).critic(X, FAKE), "mmd-fixed does not train a critic"),
    "steps": (lambda: losses("ns+noise", critic=linear()).critic(X, FAKE), r"steps=10_000"),
    "no steps": (lambda: losses("ns", critic=linear(), steps=0), "steps must be at least 1, got '0'"),
    "features": (lambda: losses("feature-matching", critic=linear()).generator(X, FAKE), r"features_of=critic\[:-1\]"),
    "flat features": (
        lambda: losses("feature-matching", critic=linear(), features_of=lambda x: x.sum()).generator(X, FAKE),
        r"features must have the shape \[8, F\], got the shape \[\]",
    ),
    "one number": (lambda: losses("mmd", critic=linear()).critic(X, FAKE), "the critic returns one number"),
    "a head": (
        lambda: losses("hinge+san", critic=linear(), features_of=lambda x: x).critic(X, FAKE),
        r"nn\.Linear\(F, 1\), as head=",
    ),
    "signed energies": (
        lambda: losses("ebgan", critic=nn.Sequential(linear(), nn.LogSigmoid())).critic(X, FAKE),
        "not below 0; got -",
    ),
    "many scores": (
        lambda: losses("ns", critic=linear(3)).critic(X, FAKE),
        r"one score per sample; for 8 it returned the shape \[8, 3\]",
    ),
    "a tuple": (lambda: losses("ns", critic=nn.LSTM(2, 1)).critic(X, FAKE), "it returned a tuple"),
    "shapes": (lambda: losses("ns", critic=linear()).critic(X, FAKE[:4]), "the same shape, got"),
    "bytes": (lambda: losses("ns", critic=linear()).critic(X.byte(), FAKE), r"got \[8, 2\] of torch\.uint8"),
    "noise": (lambda: losses("ns+zcr", critic=linear(), generator=linear()).critic(X, FAKE), "pass noise=z"),
    "the generator": (lambda: losses("ns+zcr", critic=linear()).critic(X, FAKE, noise=X), "generator=module"),
    "both players": (lambda: losses("ns+history", critic=linear()), "reads the generator's parameters"),
    "second batches": (
        lambda: losses("ot-gan", critic=linear(2)).critic(X, FAKE),
        r"two batches per side; pass the second ones as second=",
    ),
    "labels": (lambda: losses("ns+projection", critic=linear()).critic(X, FAKE), "needs the labels of the batch"),
    "rows of labels": (
        lambda: losses("ns+acgan", critic=linear()).critic(X, FAKE, labels=torch.zeros(8)),
        "needs one-hot labels",
    ),
    "logits": (lambda: losses("ns+acgan", critic=linear()).critic(X, FAKE, labels=X), "logits_of="),
    "few labels": (lambda: losses("ns", critic=linear()).critic(X, FAKE, labels=X[:3]), "8 samples and 3 labels"),
    "a graph": (lambda: losses("ns", critic=linear()).generator(X, X), r"pass G\(z\) without detach"),
    "spectral norm": (lambda: losses("ns+sn", critic=linear()), "parametrizations.spectral_norm"),
    "layer norm": (lambda: losses("ns+ln", critic=linear()), r"torch\.nn\.LayerNorm"),
    "images": (
        lambda: losses("ns+diffaug", critic=linear()).critic(2 * IMAGES - 1, IMAGES),
        r"images \[B, C, H, W\] in \[0, 1\], got .* from -",
    ),
    "a step before": (lambda: losses("wgan", critic=linear()).after_critic_step(), r"call after_critic_step\(\) after"),
    "a name": (lambda: losses("nss", critic=linear()), "nss"),
    "a device": (
        lambda: losses("began", critic=linear()).to("meta").critic(X, FAKE),
        r"state is on meta, the batch on cpu; move it with loss\.to\('cpu'\)",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence(mistake):
    """Every mistake is reported, and none as a traceback from inside a loss."""
    act, message = MISTAKES[mistake]
    with pytest.raises(UserError, match=message) as told:
        act()
    assert "\n" not in str(told.value)


def test_a_forgotten_step_is_noticed():
    """A missing call after the critic's step is refused in the next round, if the objective needs it."""
    for spec, forgets in (("wgan", True), ("began", True), ("ns", False)):
        loss, _, generator = set_up(spec)
        real, fake, _ = batch(generator)
        loss.critic(real, fake)
        loss.generator(real, fake)
        with pytest.raises(UserError, match=f"{spec} needs after_critic_step") if forgets else nullcontext():
            loss.critic(real, fake)


def test_validation_changes_nothing():
    """Without gradients a loss is a number: no state is pending, no step counts."""
    loss, _, generator = set_up("began")
    real, fake, _ = batch(generator)
    with torch.no_grad():
        loss.critic(real, fake)
        loss.generator(real, fake)
    assert loss.generator_steps == 0
    with pytest.raises(UserError, match=r"call after_critic_step\(\) after"):
        loss.after_critic_step()
