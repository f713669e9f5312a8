"""A problem is a value; its weights and data at a seed are those that published records were made with."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pickle
from functools import partial
from pathlib import Path

import pytest

from benchmark.engine.flat import FlatNetwork
from benchmark.errors import UserError
from benchmark.networks import NETWORKS
from benchmark.problems import ALL_PROBLEMS, PROBLEMS

# SHA-256 of initial weights and data, taken on 2026-11-28 before problems became values (commit 934429b). Only torch's
# uniform initialisation is pinned, which rounds alike on every processor; papers' normal weights may not.
PINNED = json.loads((Path(__file__).parent / "pinned_problems.json").read_text())
KNOWN = ALL_PROBLEMS
OWN = sorted(name for name, problem in KNOWN.items() if problem.network in ("mlp", "dirac"))


def short(content: bytes) -> str:
    """Return the first 16 digits of a hash."""
    return hashlib.sha256(content).hexdigest()[:16]


@pytest.mark.parametrize("name", OWN)
def test_weights_at_a_seed_are_the_published_ones(name):
    """Generator and critics of every kind, at the seeds 0 and 1, to the last bit and in the order of their layers."""
    problem = KNOWN[name]
    makers = {"generator": problem.generator}
    makers |= {f"critic {kind}": partial(problem.critic, kind) for kind in problem.critic_kinds}
    for role, make in makers.items():
        network = FlatNetwork.of(make)
        found = [short(row.numpy().tobytes()) for row in network.initial((0, 1), role.split()[0])]
        assert found == PINNED[f"{name} {role}"]
        assert short(repr(network.shapes).encode()) == PINNED[f"{name} {role} shapes"]


@pytest.mark.parametrize("name", sorted(name.split()[0] for name in PINNED if name.endswith(" data")))
def test_data_are_the_published_ones(name, tmp_path):
    """Training and held-out points, and those on which settings are chosen."""
    problem = dataclasses.replace(PROBLEMS[name], judging=dataclasses.replace(PROBLEMS[name].judging, extractor=None))
    data = problem.load(tmp_path)
    assert [data.digest(), problem.selection(data).digest()] == PINNED[f"{name} data"]


@pytest.mark.parametrize("name", KNOWN)
def test_a_problem_survives_a_pickle(name):
    """It can be sent to another process, where it builds the same networks."""
    problem = pickle.loads(pickle.dumps(KNOWN[name]))
    assert (problem.name, problem.network, problem.judging.headline) == (
        name,
        KNOWN[name].network,
        KNOWN[name].judging.headline,
    )
    assert problem.noise == KNOWN[name].noise


@pytest.mark.parametrize("name", KNOWN)
def test_architectures_are_those_that_fit(name):
    """What a problem offers can be built, and what it does not offer is refused with what it offers."""
    problem = KNOWN[name]
    for network in problem.architectures:
        assert problem.configured(network).network == network
    for network in NETWORKS.keys() - problem.architectures.keys():
        with pytest.raises(UserError, match="does not fit the samples"):
            problem.configured(network)


def test_a_problems_own_architecture_takes_settings():
    """`mlp:units=64` is the ring's perceptron of another width, and its name says so."""
    problem = PROBLEMS["ring"].configured("mlp:units=64,layers=3")
    assert problem.network == "mlp:units=64,layers=3"
    assert [tuple(p.shape) for p in problem.generator().parameters() if p.dim() == 2] == [
        *((64, 2), (64, 64), (64, 64)),
        (2, 64),
    ]
    assert PROBLEMS["ring"].configured("mlp:units=128").network == "mlp"
