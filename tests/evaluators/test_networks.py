"""Published networks by a file of weights: what they compute, and what is refused before a file is opened."""

from __future__ import annotations

import pickle
import warnings

import pytest
import torch

from evaluators import EVALUATORS, InvalidSamples, Truth, clip_discrepancy, network_extractor
from evaluators.features import NETWORKS, networks
from evaluators.features.vision_transformer import VisionTransformer
from tests.evaluators.builders import normal, seeded, tiny_clip, tiny_dinov2

IMAGES = torch.rand(4, 3, 20, 20, generator=torch.Generator().manual_seed(0))


def test_a_vision_transformer_by_its_file(tmp_path, monkeypatch):
    """The features are the class tokens of the weights in the file; grey images are three equal channels."""
    path = tiny_dinov2(tmp_path, monkeypatch)
    found = network_extractor("dinov2", path)
    network = VisionTransformer(8, 2, 2)
    network.load_state_dict(torch.load(path, weights_only=True))
    colours = (torch.tensor(part).view(3, 1, 1) for part in networks.IMAGENET)
    mean, deviation = colours
    images = (IMAGES * 255.0).round() / 255.0
    resized = torch.nn.functional.interpolate(images, size=(224, 224), mode="bicubic", antialias=True).clamp(0, 1)
    with torch.no_grad():
        expected = network((resized - mean) / deviation).double()
    assert torch.allclose(found.features(IMAGES), expected, atol=1e-6)
    assert found.probabilities is None
    other = tmp_path / "other.pth"
    torch.save({name: value + 0.1 for name, value in network.state_dict().items()}, other)
    assert network_extractor("dinov2", other).fingerprint != found.fingerprint


def test_the_transformer_is_that_of_its_authors():
    """Oracle: facebookresearch/dinov2 b8931f7, vit_small with random weights at 224 and 518 pixels: equal to the bit.

    Run beside ours, not committed; here its parts are held against torch's own layer of the same mathematics.
    """
    torch.manual_seed(0)
    ours = VisionTransformer(12, 1, 3).double().eval()
    layer = torch.nn.TransformerEncoderLayer(
        12, 3, 48, 0.0, "gelu", batch_first=True, norm_first=True, layer_norm_eps=1e-6
    )
    layer = layer.double().eval()
    names = {"self_attn.in_proj_": "attn.qkv.", "self_attn.out_proj.": "attn.proj.", "linear1": "mlp.fc1"}
    names |= {"linear2": "mlp.fc2"}
    state = {}
    for name in layer.state_dict():
        mine = name
        for theirs, own in names.items():
            mine = mine.replace(theirs, own)
        state[name] = ours.blocks[0].state_dict()[mine]
    layer.load_state_dict(state)
    tokens = normal(10, 12).view(2, 5, 12)
    assert torch.allclose(ours.blocks[0](tokens), layer(tokens), atol=1e-12)
    assert torch.equal(ours.places(37), ours.pos_embed)
    assert ours.places(16).shape == (1, 257, 12)


def test_clip_from_tensors_and_from_an_archive(tmp_path, monkeypatch):
    """The published file is an archive of TorchScript; its tensors give the network of torch-fidelity."""
    path, state = tiny_clip(tmp_path, monkeypatch)
    found = network_extractor("clip", path).features(IMAGES)
    assert found.shape == (4, 16)
    assert bool(found.isfinite().all())
    archive = tmp_path / "archive.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch deprecates what OpenAI published
        holder = torch.nn.Module()
        part = holder
        for name, value in state.items():
            *path_of, last = name.split(".")
            for step in path_of:
                part = part._modules.setdefault(step, torch.nn.Module())
            part.register_buffer(last, value)
            part = holder
        torch.jit.save(torch.jit.script(holder), archive)
    assert torch.equal(network_extractor("clip", archive).features(IMAGES), found)
    truth = Truth(IMAGES.repeat(8, 1, 1, 1), extractor=network_extractor("clip", path))
    assert set(EVALUATORS["cmmd"].run(IMAGES.repeat(8, 1, 1, 1), truth, seeded()).scores) == {"cmmd"}
    assert set(EVALUATORS["frechet"].run(IMAGES.repeat(8, 1, 1, 1), truth, seeded()).scores) == {"fd-clip"}


def test_a_clip_of_other_sizes_is_named(tmp_path, monkeypatch):
    """Right hash, wrong architecture: what it has is said."""
    path, _ = tiny_clip(tmp_path, monkeypatch)
    monkeypatch.setattr(networks, "CLIP_WIDTH", 768)
    with pytest.raises(InvalidSamples, match=r"a network other than clip: 16 features of 28 pixels"):
        network_extractor("clip", path)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_what_is_no_file_of_it_is_refused(name, tmp_path, monkeypatch):
    """A missing file, another hash, a pickle that would execute, tensors of another network: nothing is executed."""
    with pytest.raises(InvalidSamples, match=r"There is no weights file"):
        network_extractor(name, tmp_path / "absent.pth")
    path = tmp_path / "weights.pth"
    torch.save({"weight": torch.zeros(3)}, path)
    if not name.startswith("dinov2"):
        with pytest.raises(InvalidSamples, match=r"have the SHA-256 .*, but that of .* begins with"):
            network_extractor(name, path)
    monkeypatch.setattr(networks, "CLIP_SHA256", "")
    monkeypatch.setattr(networks, "VGG_SHA256", "")
    if name == "inception":
        return
    with pytest.raises(InvalidSamples, match=f"are of a network other than {name}"):
        network_extractor(name, path)
    path.write_bytes(pickle.dumps(print))
    with pytest.raises(InvalidSamples, match=f"does not contain weights of {name}"):
        network_extractor(name, path)
    torch.save([1, 2], path)
    with pytest.raises(InvalidSamples, match="it is not a dict of tensors"):
        network_extractor(name, path)


def test_an_unknown_name_is_refused_with_the_nearest():
    """One sentence."""
    with pytest.raises(ValueError, match="dinov2"):
        network_extractor("dinov3", "weights.pth")


def test_cmmd_is_that_of_the_papers_code():
    """Closed form for two points, and the authors' formula on whole matrices (cmmd-pytorch, distance.py)."""
    x, y = normal(40, 6, 1), normal(50, 6, 2) + 0.5
    a, b = (part / part.norm(dim=1, keepdim=True) for part in (x, y))
    kernel = [torch.exp(-torch.cdist(p, q).square() / 200.0).mean() for p, q in ((a, a), (b, b), (a, b))]
    assert clip_discrepancy(x, y) == pytest.approx(1000.0 * float(kernel[0] + kernel[1] - 2.0 * kernel[2]), rel=1e-9)
    one, other = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 3.0]])
    assert clip_discrepancy(one, other) == pytest.approx(2000.0 * (1.0 - 2.718281828459045**-0.01))
    assert clip_discrepancy(x, x) == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(InvalidSamples, match="first has 1 of 2 vectors of length 0"):
        clip_discrepancy(torch.tensor([[0.0, 0.0], [1.0, 0.0]]), y[:, :2])


SHAPES = {"dinov2-vit-s-14": (384, 12, 6), "dinov2-vit-b-14": (768, 12, 12), "dinov2": (1024, 24, 16)}


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", SHAPES)
def test_dinov2_of_its_real_shape(name, tmp_path):
    """Random weights of the published shapes: so many features of each image."""
    torch.save(VisionTransformer(*SHAPES[name]).state_dict(), tmp_path / "weights.pth")
    found = network_extractor(name, tmp_path / "weights.pth").features(IMAGES[:2])
    assert found.shape == (2, SHAPES[name][0])


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_vgg16_of_its_real_shape(tmp_path, monkeypatch):
    """Random weights of torchvision's constructor; the features are torch-fidelity's, none negative."""
    from torchvision.models import vgg16

    monkeypatch.setattr(networks, "VGG_SHA256", "")
    torch.save(vgg16(init_weights=False).state_dict(), tmp_path / "weights.pth")
    found = network_extractor("vgg16", tmp_path / "weights.pth").features(IMAGES[:2])
    assert found.shape == (2, 4096)
    assert float(found.min()) >= 0.0


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_clip_of_its_real_shape(tmp_path, monkeypatch):
    """Random weights of torch-fidelity's constructor for ViT-L/14 of 336 pixels: 768 features."""
    from torch_fidelity.feature_extractor_clip import CLIPVisual

    monkeypatch.setattr(networks, "CLIP_SHA256", "")
    state = CLIPVisual(768, 336, 24, 1024, 14).state_dict() | {"text_projection": torch.zeros(768, 768)}
    torch.save(state, tmp_path / "weights.pth")
    assert network_extractor("clip", tmp_path / "weights.pth").features(IMAGES[:1]).shape == (1, 768)
