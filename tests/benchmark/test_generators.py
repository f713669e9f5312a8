"""Generators kept beside their records: the very network that was scored, and nothing that executes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

from benchmark import api
from benchmark.engine import streams
from benchmark.engine.group import draw_labels, draw_noise
from benchmark.errors import UserError
from benchmark.problems import PROBLEMS
from benchmark.runner.generators import GENERATOR
from benchmark.store import directory_of
from evaluators import Annealing, annealed_log_likelihood
from evaluators.classes import label_accuracy
from evaluators.subsets import draw
from tests.benchmark.data_builders import small_images


def trained(tmp_path, **options):
    """Two runs of five iterations that keep their generators."""
    records = api.run(
        ["ns"], problems=["ring"], seeds=2, iterations=5, results=tmp_path, keep_generators=True, **options
    )
    return [record for record in records if record.kind == "objective"]


def stored_samples(root, record):
    """The samples beside a record."""
    return np.load(directory_of(root, record) / "samples.npz")["samples"]


@pytest.mark.parametrize("settings", [{}, {"ema_decay": 0.5}], ids=["last iterate", "moving average"])
def test_the_generator_kept_is_the_one_that_was_scored(tmp_path, settings):
    """On the noise of the evaluation it gives the samples beside the record, to a group's last bits."""
    for record in trained(tmp_path, settings=settings, pictures=False):
        kept = api.generator(record, results=tmp_path)
        key = streams.fold(streams.root((record.seed,)), "evaluation")
        noise = draw_noise(kept.noise, key, 2_500)[0].float()
        samples = stored_samples(tmp_path, record)
        with torch.no_grad():
            np.testing.assert_allclose(kept.network(noise)[:1_000].numpy(), samples, rtol=1e-4, atol=1e-5)
        assert kept.sample(7).shape == (7, 2)
        assert torch.equal(kept.sample(7, seed=1), kept.sample(7, seed=1))
        assert not torch.equal(kept.sample(7, seed=1), kept.sample(7, seed=2))
        with pytest.raises(UserError, match="takes no labels"):
            kept.sample(7, labels=1)


def conditional(tmp_path, spec, **options):
    """A conditional run that keeps its generator, and the generator."""
    records = api.run([spec], seeds=1, results=tmp_path, keep_generators=True, pictures=False, **options)
    (record,) = (record for record in records if record.kind == "objective")
    return record, api.generator(record, results=tmp_path)


@pytest.mark.parametrize(
    ("spec", "network", "iterations"), [("hinge+projection", "mlp", 200), ("ns+acgan", "dcgan:vbn=true", 2)]
)
def test_a_conditional_generator_gives_what_was_scored(tmp_path, spec, network, iterations):
    """On the evaluation's noise and labels it gives the samples beside the record, and the accuracy on record."""
    settings = {"batch": 16}
    record, kept = conditional(
        tmp_path, spec, problems=["digits"], network=network, iterations=iterations, settings=settings
    )
    data = PROBLEMS["digits"].load(tmp_path)
    (accuracy,) = (name for name in record.scores if name.startswith("label_accuracy"))
    count = record.protocol[accuracy]["n_samples"]
    root = streams.root((record.seed,))
    labels = draw_labels(kept.known, root, "evaluation", count)[0]
    noise = draw_noise(kept.noise, streams.fold(root, "evaluation"), count)[0].float()
    with torch.no_grad():
        samples = kept.network(torch.cat([noise, labels], 1))
    np.testing.assert_allclose(samples[:1_000], stored_samples(tmp_path, record), rtol=1e-3, atol=1e-4)
    found = label_accuracy(samples, labels.argmax(1), data.truth)
    assert found.value == pytest.approx(record.scores[accuracy].value, abs=2 / count)


def test_batch_norm_of_a_conditional_generator_uses_its_labels(tmp_path, monkeypatch):
    """The fixed noise batch of the statistics has the labels that it was scored with."""
    small_images(monkeypatch, tmp_path / "data")
    how = {"problems": ["mnist"], "network": "dcgan", "iterations": 2, "settings": {"batch": 8}}
    record, kept = conditional(tmp_path, "ns+label", **how)
    root = streams.root((record.seed,))
    noise = draw_noise(kept.noise, streams.fold(root, "evaluation"), 150)[0].float()
    labels = draw_labels(kept.known, root, "evaluation", 150)[0]
    with torch.no_grad():
        samples = kept.network(torch.cat([noise, labels], 1))
    np.testing.assert_allclose(samples, stored_samples(tmp_path, record), rtol=1e-3, atol=1e-4)


def test_samples_can_be_drawn_by_class(tmp_path):
    """All of one class, of a class each, or by the data's frequencies; an invalid class is one sentence."""
    _, kept = conditional(tmp_path, "ns+label", problems=["ring"], iterations=300)
    assert kept.classes == 8
    modes = PROBLEMS["ring"].load(tmp_path).truth.modes.centres
    for label in (0, 5):
        samples = kept.sample(200, labels=label)
        assert torch.equal(samples, kept.sample(200, labels=torch.full((200,), label)))
        assert (torch.cdist(samples, modes.float()).argmin(1) == label).double().mean() > 0.5
    assert kept.sample(9).shape == (9, 2)
    assert torch.equal(kept.sample(9, seed=1), kept.sample(9, seed=1))
    for wrong in (8, -1, 0.5, torch.zeros(3, dtype=torch.int64)):
        with pytest.raises(UserError, match=r"Labels must be 0 to 7|labels must be one class or 9"):
            kept.sample(9, labels=wrong)
    with pytest.raises(UserError, match="without labels"):
        kept.observed(0.1)


def test_what_is_missing_or_damaged_is_one_sentence(tmp_path):
    """A run without the option, a cut file, and a pickle that would execute."""
    first, second = trained(tmp_path, pictures=False)
    path = directory_of(tmp_path, first) / GENERATOR
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(UserError, match="contains no generator of 'ring'"):
        api.generator(first, results=tmp_path)
    path.write_bytes(pickle.dumps(print))
    with pytest.raises(UserError, match="contains no generator of 'ring'"):
        api.generator(first, results=tmp_path)
    (directory_of(tmp_path, second) / GENERATOR).unlink()
    with pytest.raises(UserError, match="use run with --keep-generators to save it"):
        api.generator(second, results=tmp_path)


def test_batch_norm_keeps_the_statistics_it_was_scored_by(tmp_path, monkeypatch):
    """DCGAN on synthetic images: the evaluation's noise gives the samples of the record, one by one."""
    small_images(monkeypatch, tmp_path / "data")
    how = {"problems": ["mnist"], "network": "dcgan", "seeds": 1, "iterations": 2, "settings": {"batch": 8}}
    records = api.run(["ns"], results=tmp_path, keep_generators=True, pictures=False, **how)
    (record,) = (record for record in records if record.kind == "objective")
    kept = api.generator(record, results=tmp_path)
    noise = draw_noise(kept.noise, streams.fold(streams.root((record.seed,)), "evaluation"), 150)[0].float()
    samples = stored_samples(tmp_path, record)
    with torch.no_grad():
        np.testing.assert_allclose(kept.network(noise).numpy(), samples, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(kept.network(noise[:3]), kept.network(noise)[:3], rtol=1e-3, atol=1e-4)
    with pytest.raises(UserError, match="standard normal noise; this generator's is uniform"):
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


def test_the_conditioning_of_a_kept_generator_is_that_of_its_jacobian(tmp_path):
    """Of a perceptron onto the plane, by torch's own Jacobian at the same noise."""
    record = trained(tmp_path, pictures=False)[0]
    kept = api.generator(record, results=tmp_path)
    found = kept.conditioning(count=20, seed=3)
    assert torch.equal(found.values, kept.conditioning(20, 3).values)
    noise = draw_noise(kept.noise, streams.fold(streams.root((3,)), "noise of a Jacobian"), 20)[0].double()
    network = kept.network.double()
    for value, one in zip(found.values, noise, strict=True):
        jacobian = torch.autograd.functional.jacobian(lambda z: network(z[None])[0], one)
        assert float(value) == pytest.approx(2.0 * float(torch.linalg.cond(jacobian).log()), rel=1e-6, abs=1e-6)


@pytest.mark.full
def test_the_conditioning_of_batch_norm_is_taken_in_double_precision(tmp_path, monkeypatch):
    """DCGAN on made-up images: 100 columns of a Jacobian, a minute of a slow core."""
    small_images(monkeypatch, tmp_path / "data")
    how = {"problems": ["mnist"], "network": "dcgan", "seeds": 1, "iterations": 1, "settings": {"batch": 8}}
    records = api.run(["ns"], results=tmp_path / "images", keep_generators=True, pictures=False, **how)
    (record,) = (record for record in records if record.kind == "objective")
    of_images = api.generator(record, results=tmp_path / "images").conditioning(count=20)
    assert 0.0 < of_images.mean < 100.0
    assert of_images.values.dtype == torch.float64


def test_a_kept_generator_is_scored_by_its_samples_and_by_its_likelihood(tmp_path, monkeypatch):
    """Its file replaces samples; with `likelihood` the row has the estimate and its gap, with constants."""
    monkeypatch.setattr("evaluators.likelihood.SCORED", 3)
    monkeypatch.setattr("evaluators.likelihood.DISTRIBUTIONS", 3)
    record = trained(tmp_path, pictures=False)[0]
    path = directory_of(tmp_path, record) / GENERATOR
    frame = api.score(path, problem="ring", evaluators=["likelihood"], name="kept", results=tmp_path)
    mine = frame[frame.row == "kept"].set_index("metric")["mean"]
    model = api.generator(record, results=tmp_path).observed(0.1)
    draws = streams.generator(0, "evaluator likelihood")
    reference = PROBLEMS["ring"].load(tmp_path).truth.reference
    found = annealed_log_likelihood(model, draw(reference, 3, draws), draws, Annealing(distributions=3))
    assert mine["likelihood"] == pytest.approx(found.mean)
    assert mine["likelihood_gap"] > 0.0
    assert 0.0 <= mine["hq_3std"] <= 1.0
    with pytest.raises(UserError, match="was trained on 'ring', not on 'grid'"):
        api.score(path, problem="grid", results=tmp_path)
    with pytest.raises(UserError, match=r"needs a generator; pass generator\.pt"):
        api.score(np.zeros((30, 2)), problem="ring", evaluators=["likelihood"], results=tmp_path)
    with pytest.raises(UserError, match="needs a generator, not samples"):
        api.run(["ns"], problems=["ring"], seeds=1, iterations=1, evaluators=["likelihood"], results=tmp_path)
    (path.parent / "record.json").unlink()
    with pytest.raises(UserError, match="cannot be read: no such file"):
        api.score(path, problem="ring", results=tmp_path)
