"""Generators kept beside their records: the very network that was scored, and nothing that executes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from benchmark import api
from benchmark.engine import streams
from benchmark.engine.group import draw_noise
from benchmark.errors import UserError
from benchmark.runner.generators import GENERATOR
from benchmark.store import directory_of
from evaluators import Annealing, annealed_log_likelihood
from tests.benchmark.data_builders import small_images


def trained(tmp_path, **options):
    """Two runs of five iterations that keep their generators."""
    records = api.run(
        ["ns"], problems=["ring"], seeds=2, iterations=5, results=tmp_path, keep_generators=True, **options
    )
    return [record for record in records if record.kind == "objective"]


@pytest.mark.parametrize("settings", [{}, {"ema_decay": 0.5}], ids=["last iterate", "moving average"])
def test_the_generator_kept_is_the_one_that_was_scored(tmp_path, settings):
    """On the noise of the evaluation it gives the samples beside the record, to a group's last bits."""
    for record in trained(tmp_path, settings=settings, pictures=False):
        kept = api.generator(record, results=tmp_path)
        key = streams.fold(streams.root((record.seed,)), "evaluation")
        noise = draw_noise(kept.noise, key, 2_500)[0].float()
        samples = np.load(directory_of(tmp_path, record) / "samples.npz")["samples"]
        with torch.no_grad():
            np.testing.assert_allclose(kept.network(noise)[:1_000].numpy(), samples, rtol=1e-4, atol=1e-5)
        assert kept.sample(7).shape == (7, 2)
        assert torch.equal(kept.sample(7, seed=1), kept.sample(7, seed=1))
        assert not torch.equal(kept.sample(7, seed=1), kept.sample(7, seed=2))


def test_what_is_missing_or_damaged_is_one_sentence(tmp_path):
    """A run without the option, a cut file, and a pickle that would execute."""
    first, second = trained(tmp_path, pictures=False)
    path = directory_of(tmp_path, first) / GENERATOR
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(UserError, match="holds no generator of 'ring'"):
        api.generator(first, results=tmp_path)
    path.write_bytes(pickle.dumps(print))
    with pytest.raises(UserError, match="holds no generator of 'ring'"):
        api.generator(first, results=tmp_path)
    (directory_of(tmp_path, second) / GENERATOR).unlink()
    with pytest.raises(UserError, match="run with --keep-generators keeps it"):
        api.generator(second, results=tmp_path)


def test_batch_norm_keeps_the_statistics_it_was_scored_by(tmp_path, monkeypatch):
    """DCGAN on made-up images: on the evaluation's noise the samples of the record, and each sample by itself."""
    small_images(monkeypatch, tmp_path / "data")
    how = {"problems": ["mnist"], "network": "dcgan", "seeds": 1, "iterations": 2, "settings": {"batch": 8}}
    records = api.run(["ns"], results=tmp_path, keep_generators=True, pictures=False, **how)
    (record,) = (record for record in records if record.kind == "objective")
    kept = api.generator(record, results=tmp_path)
    noise = draw_noise(kept.noise, streams.fold(streams.root((record.seed,)), "evaluation"), 150)[0].float()
    samples = np.load(directory_of(tmp_path, record) / "samples.npz")["samples"]
    with torch.no_grad():
        np.testing.assert_allclose(kept.network(noise).numpy(), samples, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(kept.network(noise[:3]), kept.network(noise)[:3], rtol=1e-3, atol=1e-4)
    with pytest.raises(UserError, match="standard normal noise, and this generator's is uniform"):
        kept.observed(0.1)


def test_a_control_has_no_generator_and_a_perceptron_a_likelihood(tmp_path):
    """One sentence for those that were never trained; for the others a model that evaluators take."""
    records = api.run(["ns"], problems=["ring"], seeds=1, iterations=5, results=tmp_path, keep_generators=True)
    for record in records:
        if record.kind == "objective":
            model = api.generator(record, results=tmp_path).observed(0.5)
            found = annealed_log_likelihood(model, torch.zeros(2, 2), torch.Generator(), Annealing(2, 3, 2))
            assert found.values.isfinite().all()
        else:
            with pytest.raises(UserError, match="was not trained and has no generator"):
                api.generator(record, results=tmp_path)


def test_keeping_changes_no_number(tmp_path):
    """The option is no part of the identity: what is on record is found."""
    kept = trained(tmp_path / "kept", pictures=False)
    plain = api.run(["ns"], problems=["ring"], seeds=2, iterations=5, results=tmp_path / "plain", pictures=False)
    assert {r.key: r.scores for r in kept} == {r.key: r.scores for r in plain if r.kind == "objective"}
    assert not list((tmp_path / "plain").rglob(GENERATOR))
