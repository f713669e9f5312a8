"""`gan-bench show` from end to end."""

from __future__ import annotations

import json
import math

import pytest
from PIL import Image

from benchmark.networks import NETWORKS
from benchmark.problems import ALL_PROBLEMS
from evaluators import EVALUATORS
from objectives import AS_SHIPPED, OBJECTIVES, WRAPPERS
from objectives.describe import Curve
from objectives.picture import sketch
from objectives.spec import parse, spelling
from tests.benchmark.cli_builders import HOSTILE, is_one_sentence, type_in

__all__ = ["type_in"]

MINE = '''
from dataclasses import dataclass
from objectives import NonSaturating

@dataclass(frozen=True)
class MyLoss(NonSaturating):
    """My own loss (Me, 2025).

    critic  \x1b[31mred
    """

    margin: float = 1.0  # m > 0, in units of the score


@dataclass(frozen=True)
class Broken(NonSaturating):
    """Fails at every score."""

    def generator_loss(self, critic, real, fake, game):
        raise RuntimeError("no such loss")
'''


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Put a user's file into the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(MINE)


@pytest.mark.parametrize(
    "name",
    [
        *(*OBJECTIVES, *AS_SHIPPED, *WRAPPERS, *ALL_PROBLEMS, *EVALUATORS),
        *("ns+r1:gamma=1", "hinge+lecam+pac:m=3"),
    ],
)
def test_every_name_has_a_page(type_in, name):
    """All that `list` names can be shown, without escapes and without a word on stderr."""
    code, out, err = type_in("show", name)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 4
    assert all(line.isprintable() for line in out.splitlines())


def test_an_objective_tells_equation_settings_and_source(type_in):
    """The page holds what a reader of the paper looks for, part by part."""
    _, out, _ = type_in("show", "ns+r1:gamma=1")
    for part in (
        "(Goodfellow et al., 2014, arXiv:1406.2661)",
        "generator  E softplus(-D(G(z)))",
        "with r1: Zero-centred penalty on real data (Mescheder et al., 2018, arXiv:1801.04406)",
        "r1.gamma      1 (default 10)  γ ≥ 0, the paper's",
        "none known",
        "a score; high means real",
        "learning_rate 0.1",
    ):
        assert part in out


def test_the_picture_shows_the_slope_of_the_loss(type_in, tmp_path):
    """Losses and gradients at a score are in the file for machines: softplus and its derivative."""
    _, out, _ = type_in("show", "ns", "--json", tmp_path / "ns.json")
    facts = json.loads((tmp_path / "ns.json").read_text())["objective"]
    curve = facts["curves"][2]
    assert curve["name"] == "generator's loss by D(G(z))"
    assert (curve["scores"][0], curve["scores"][-1]) == (-6.0, 6.0)
    assert curve["loss"][0] == pytest.approx(math.log1p(math.exp(6.0)))
    assert curve["gradient"][-1] == pytest.approx(-1.0 / (1.0 + math.exp(6.0)))
    assert "generator's gradient" in out
    assert facts["settings"][0]["name"] == "smoothing"


def test_a_sketch_by_hand():
    """A step from 0 to 1 is joined by an upright stroke; a constant stands in the middle; no number, no dot."""
    step = Curve("a loss by s", (0.0, 1.0), (0.0, 1.0), (math.nan, 1.0))
    assert sketch([step], width=17, height=1) == [
        "a loss".rjust(17),
        "       0 ⣀⣀⣀⣀⠏⠉⠉⠉",
        " " * 9 + "0  s   1",
        "a gradient".rjust(17),
        "       1 ⠀⠀⠀⠀⠤⠤⠤⠤",
        " " * 9 + "0  s   1",
    ]


@pytest.mark.parametrize("loss", [(0.0, math.inf), (math.nan, math.nan), (-1e308, 1e308), (1e-320, 0.0), (5.0, 5.0)])
def test_a_sketch_of_anything_has_its_size(loss):
    """Whatever a loss gives, the lines come out as wide and as many as asked for."""
    drawn = sketch([Curve("a loss by s", (-6.0, 6.0), loss, loss)] * 3, width=80, height=5)
    assert len(drawn) == 14
    assert all(len(line) <= 80 for line in drawn)


def test_a_picture_is_written_as_png(type_in, tmp_path):
    """`--picture` gives a PNG whatever the name of the objective."""
    code, _, err = type_in("show", "hinge", "--picture", tmp_path / "new" / "hinge.png")
    assert (code, err) == (0, "")
    assert (tmp_path / "new" / "hinge.png").read_bytes().startswith(b"\x89PNG")


def test_a_version_as_shipped_says_so(type_in):
    """Nobody takes a deviation for the paper's game."""
    _, out, _ = type_in("show", "as-shipped/torchgan-wgan-gp")
    assert "AS SHIPPED ELSEWHERE, not the paper's" in out
    assert "= 49, not 0" in out


def test_a_users_objective_is_shown(type_in, mine):
    """A file's class has a page with its own settings, its escapes made harmless."""
    code, out, err = type_in("show", "mine.py:MyLoss:margin=2")
    assert (code, err) == (0, "")
    assert "My own loss (Me, 2025)" in out
    assert "2 (default 1)" in out
    assert "m > 0, in units of the score" in out
    assert "\x1b" not in out


def test_a_users_failing_loss_is_told(type_in, mine):
    """A loss that raises costs the picture alone, and the reason stands in its place."""
    code, out, _ = type_in("show", "mine.py:Broken")
    assert code == 0
    assert "no picture of losses against scores: RuntimeError: no such loss" in out


def test_a_problem_tells_its_networks_and_budget(type_in):
    """Parameters are counted: (2 + 1)·128 + (128 + 1)·128 + (128 + 1)·1 for the ring's critic."""
    _, out, _ = type_in("show", "ring")
    assert f"{3 * 128 + 129 * 128 + 129:,}" in out
    for part in (
        "2 numbers, standard normal",
        "8 Gaussians",
        "20,000 gradients of one player on one batch; --budget quick is 5,000",
        "optimiser adam",
        "2,500",
        "hq_3std ↑",
    ):
        assert part in out
    assert "weight_decay" not in out  # of AdamW, which is not chosen


def test_a_problem_counts_the_parameters_of_every_pair(type_in, tmp_path):
    """Each pair that --network takes has a line with its counts, and the settings that a paper's pair brings."""
    _, out, _ = type_in("show", "mnist", "--json", tmp_path / "mnist.json")
    lines = {line.split()[0]: line for line in out.splitlines() if line.startswith("  ")}
    generator = 101 * 1200 + 1201 * 1200 + 1201 * 784
    critic = 785 * 1200 + 241 * 1200 + 241
    assert f"{generator:,}" in lines["goodfellow2014"]
    assert f"{critic:,}" in lines["goodfellow2014"]
    assert "momentum_final 0.7" in lines["goodfellow2014"]
    assert "the problem's settings" in lines["dcgan"]
    choices = json.loads((tmp_path / "mnist.json").read_text())["problem"]["choices"]
    assert [choice["name"] for choice in choices] == [name for name in NETWORKS if NETWORKS[name].samples == "images"]


@pytest.mark.parametrize("name", ["digits", "dirac", "gaussian1d", "high-dim", "ring"])
def test_a_problem_is_drawn(type_in, tmp_path, name):
    """Images, points in the plane, on the line, and what has no picture: each gives a PNG that is not blank."""
    code, _, err = type_in("show", name, "--picture", tmp_path / "a.png")
    assert (code, err) == (0, "")
    with Image.open(tmp_path / "a.png") as image:
        assert image.format == "PNG"
        assert image.convert("L").getextrema()[0] < 100


def test_a_folder_has_a_page_and_a_picture(type_in, tmp_path):
    """What it holds, what was skipped, and its images."""
    for number in range(13):
        Image.new("RGB", (40, 40), (number * 19, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8")
    words = ("--picture", tmp_path / "out" / "a.png", "--json", tmp_path / "out" / "a.json")
    code, out, err = type_in("show", f"folder:{tmp_path}", *words)
    assert (code, err) == (0, "")
    assert "10 train, 1 validate, 2 are held out" in out
    assert "'torn.jpg'" in out
    assert (tmp_path / "out" / "a.png").read_bytes().startswith(b"\x89PNG")
    facts = json.loads((tmp_path / "out" / "a.json").read_text())["problem"]
    assert facts["images"] == {"train": 10, "validate": 1, "are held out": 2}


def test_what_is_not_ranked_is_not_run(type_in, tmp_path):
    """The Dirac-GAN is shown and listed; a run is refused with the command that prints what it is asked for."""
    assert "Not ranked." in next(line for line in type_in("list", "problems")[1].splitlines() if "dirac" in line)
    result = type_in("run", "-o", "ns", "-p", "Dirac", "--results", tmp_path / "runs")
    assert is_one_sentence(*result)
    assert "python -m benchmark.engine.dirac" in result[2]


def test_an_evaluator_tells_its_metrics(type_in, tmp_path):
    """Each metric with its direction and meaning, and a metric's own name leads to its evaluator."""
    _, out, _ = type_in("show", "modes", "--json", tmp_path / "modes.json")
    for metric, known in EVALUATORS["modes"].metrics.items():
        assert metric in out
        assert known.summary in out
    assert "ring (2,500 samples)" in out
    assert json.loads((tmp_path / "modes.json").read_text())["evaluator"]["problems"]["ring"] == 2500
    assert "evaluator frechet" in type_in("show", "fd-digits")[1]


def test_names_are_found_as_people_type_them(type_in):
    """Case and underscores do not matter."""
    assert type_in("show", "WGAN_GP")[1] == type_in("show", "wgan-gp")[1]


@pytest.mark.parametrize(
    "name",
    [
        *("hing", "rong", "ns+r7", "ns:gamma=1", "ebgan:margin=two", "ns+", "no.py:A", "no_module:A", "os:path"),
        *("[x]:y", "as-shipped/x", "ns+\x1b[31m", f"{'x' * 300}.py:A", *HOSTILE),
    ],
)
def test_a_wrong_name_is_one_sentence(type_in, tmp_path, name):
    """No name gives a traceback or a raw escape, and nothing is written."""
    written = ("--json", tmp_path / "a.json", "--picture", tmp_path / "a.png")
    assert is_one_sentence(*type_in("show", name, *written))
    assert not list(tmp_path.iterdir())


def test_the_nearest_name_is_offered(type_in):
    """A slip is answered with what was meant."""
    assert "'hinge'" in type_in("show", "hing")[2]


@pytest.mark.parametrize(("name", "picture"), [("modes", "a.png"), ("mmd", "a.png"), ("ns", "a.jpg")])
def test_what_cannot_be_drawn_is_one_sentence(type_in, tmp_path, name, picture):
    """An evaluator has no data, an embedding critic no scores, and a picture is a PNG."""
    assert is_one_sentence(*type_in("show", name, "--picture", tmp_path / picture))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("ns", "the critic's loss is log 4 - 2 JSD(p, q)"),
        *((spec, "none known") for spec in ("ns:smoothing=.2", "ns+noise:std=5", "ns+r1", "wgan-gp")),
    ],
)
def test_a_divergence_is_told_where_it_is_known(type_in, spec, told):
    """Where settings or wrappers change what the best critic earns, `show` says in words that none is known."""
    code, out, _ = type_in("show", spec)
    assert code == 0
    assert next(line for line in out.splitlines() if line.startswith("divergence")).split(maxsplit=1)[1].strip() == told


@pytest.mark.parametrize(
    ("typed", "right"),
    [("r1+ns", "ns+r1"), ("r1:gamma=2+hinge+noise", "hinge+r1:gamma=2+noise"), ("r1:gamma=2", "ns+r1:gamma=2")],
)
def test_a_wrapper_that_comes_first_is_put_in_its_place(type_in, typed, right):
    """The word is known and stands in the wrong place: the sentence has the same words in the right order."""
    code, out, err = type_in("check", typed)
    assert is_one_sentence(code, out, err)
    assert f"is a wrapper and must follow what it wraps; write {right}, not '{typed}'" in err


FILES = {
    "losses": (
        "class Half:\n    def critic_loss(self): ...\nclass Other: ...\n",
        "the objective in it: mine.py:Half\n",
    ),
    "classes": ("class One: ...\nclass Two: ...\n", "the objective in it: mine.py:One or mine.py:Two\n"),
    "script": ("raise SystemExit(3)\n", "the objective in it: mine.py:MyLoss\n"),
    "torn": ("class One(", "the objective in it: mine.py:MyLoss\n"),
    "nothing": (None, "There is no file 'mine.py'; to use an objective of your own, write file.py:MyLoss\n"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_without_a_class_is_told_from_an_unknown_name(type_in, tmp_path, monkeypatch, kind):
    """The sentence says to name a class, with those of the file that look like objectives; the file does not run."""
    monkeypatch.chdir(tmp_path)
    source, told = FILES[kind]
    if source is not None:
        (tmp_path / "mine.py").write_text(source)
    code, out, err = type_in("run", "-o", "mine.py")
    assert is_one_sentence(code, out, err)
    assert "'mine.py'" in err
    assert err.endswith(told)


@pytest.mark.parametrize(("typed", "row"), [("NS", "ns"), ("WGAN_GP:weight=3", "wgan-gp:weight=3"), ("NS+r1", "ns+r1")])
def test_a_game_is_found_however_its_letters_are_typed(type_in, typed, row):
    """Case and `_` against `-` do not matter to objectives, as they do not to problems; the row has the one name."""
    assert spelling(parse(typed)) == row
    assert type_in("show", typed)[0] == 0


@pytest.mark.parametrize("lacking", ["critic_loss", "generator_loss"])
def test_a_missing_loss_is_named(type_in, tmp_path, monkeypatch, lacking):
    """One sentence with the class, the method and how it is declared."""
    monkeypatch.chdir(tmp_path)
    has = {"critic_loss": "generator_loss", "generator_loss": "critic_loss"}[lacking]
    (tmp_path / "half.py").write_text(
        "from dataclasses import dataclass\nfrom objectives import Objective\n\n\n@dataclass(frozen=True)\n"
        f"class Half(Objective):\n    def {has}(self, critic, real, fake, game):\n        return critic(fake).mean()\n"
    )
    code, out, err = type_in("run", "-o", "half.py:Half", "-p", "ring", "--iterations", "1", "--results", tmp_path)
    assert is_one_sentence(code, out, err)
    assert f"Half needs a method {lacking}(self, critic, real, fake, game) that returns a scalar" in err


PAIR = """
from torch import nn

class Pair:
    \"\"\"One layer on each side.\"\"\"

    noise = 3

    def generator(self, shape):
        return nn.Linear(3, *shape)

    def critic(self, shape):
        return nn.Linear(*shape, 1)

def spread(samples, truth, generator):
    \"\"\"How wide the samples lie.\"\"\"
    return {"spread": samples.std()}
"""


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        ("mine.py:Pair", "network", ["One layer on each side.", "noise: 3 numbers, normal", "8          3      –"]),
        ("mine.py:spread", "evaluator", ["How wide the samples lie.", "no problem by default"]),
        ("pacgan", "network", ["noise: 2 numbers, normal"]),
    ],
)
def test_what_is_no_objective_has_its_page(type_in, tmp_path, monkeypatch, name, kind, parts):
    """A network and an evaluator, of the table or of a file, are shown for what they are."""
    (tmp_path / "mine.py").write_text(PAIR)
    monkeypatch.chdir(tmp_path)
    code, out, err = type_in("show", name, "--json", "page.json")
    assert (code, err) == (0, "")
    assert set(json.loads((tmp_path / "page.json").read_text())) >= {kind}
    for part in parts:
        assert part in out
