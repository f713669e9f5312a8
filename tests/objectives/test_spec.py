"""The spelling of games: what it builds, what it refuses in one sentence, and objectives from outside."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import inspect
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from objectives import EBGAN, OBJECTIVES, R1, WRAPPERS, NonSaturating, Packed, Penalised
from objectives.compose import parts
from objectives.spec import canonical, parse, settable, spelling

MINE = textwrap.dedent(
    '''
    """A user's file."""
    from __future__ import annotations
    from dataclasses import dataclass
    from objectives import Objective, Penalty


    @dataclass(frozen=True)
    class MyLoss(Objective):
        """My loss."""

        margin: float = 1.0  # m > 0
        penalty: float = 0.0  # a name that the composition has for something else

        def critic_loss(self, critic, real, fake, game):
            return (self.margin - critic(real)).relu().mean() + (self.margin + critic(fake)).relu().mean()

        def generator_loss(self, critic, real, fake, game):
            return -critic(fake).mean()


    @dataclass(frozen=True)
    class MyPenalty(Penalty):
        """My penalty."""

        weight: float = 1.0

        def critic_term(self, critic, real, fake, game):
            return self.weight * critic(real).square().mean()


    class Nothing:
        """No objective."""
    '''
)


def written(path, text=MINE):
    """Write a user's file."""
    path.write_text(text)
    return path


def test_a_spelling_builds_a_game():
    """`ns+r1:gamma=1` is the wrapped value of Python."""
    assert parse("ns+r1:gamma=1") == Penalised(NonSaturating(), R1(gamma=1.0))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("r3gan", "rsgan+r1+r2"),
        ("r3gan", "rsgan+r2+r1"),
        ("r3gan:gamma=0.5", "rsgan+r1:gamma=.5+r2:gamma=5e-1"),
        ("wgan", "wasserstein+clip:bound=0.01"),
        ("wgan-gp", "wasserstein+gp"),
        ("wgan-lp", "wasserstein+lp"),
        ("wgan-div", "wasserstein+div"),
        ("dragan", "ns+dragan"),
        ("ebgan-pt", "ebgan+pt:weight=0.1"),
        ("ns+pac:m=3+r1", "ns+r1+pac:m=3"),
        ("hinge+lecam+cr", "hinge+cr+lecam"),
        ("ns", "ns:smoothing=0"),
        ("ns", "ns:smoothing=-0"),
        ("lsgan:a=1,b=0", "lsgan:b=0,a=1"),
        ("ns+r1:gamma=1e+1", "ns+r1:gamma=+10"),
        ("ns+r1:gamma=1.e+1+pac", "ns+r1+pac"),
    ],
)
def test_two_spellings_of_one_game(one, other):
    """One game has one identity, one label and one set of recommended settings, however it is spelled."""
    first, second = parse(one), parse(other)
    assert repr(canonical(first)) == repr(canonical(second))
    assert spelling(first) == spelling(second)
    assert first.traits.recommended == second.traits.recommended


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ns", "minimax"),
        ("ns", "ns:smoothing=0.1"),
        ("ns+r1", "ns+r2"),
        ("ns+noise+r1", "ns+r1+noise"),
        ("ns", "ns+r1"),
    ],
)
def test_two_games_have_two_identities(one, other):
    """A change of the mathematics is a change of the identity."""
    assert canonical(parse(one)) != canonical(parse(other))


SCORE_GAMES = ["ns", "hinge", "wgan-gp", "r3gan", "lsgan", "fgan-js", "ns:smoothing=0.25", "wgan:bound=0.5"]


@settings(max_examples=60, deadline=None)
@given(
    base=st.sampled_from(SCORE_GAMES),
    wrappers=st.lists(st.sampled_from(sorted(WRAPPERS)), unique=True, max_size=3),
    gamma=st.floats(0, 1e30),
)
def test_a_label_reads_back_to_the_same_game(base, wrappers, gamma):
    """Whatever game a spelling builds, its label builds the same one, scale-bound fields included."""
    words = [f"{name}:gamma={gamma!r}" if name in ("r1", "r2") else name for name in wrappers]
    try:
        game = parse("+".join([base, *words]))
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017  wrappers that cannot stand together
        return
    assert canonical(parse(spelling(game))) == canonical(game)


def test_an_int_and_a_float_are_one_setting():
    """`EBGAN(2)` and `EBGAN(2.0)` are one game, down to the text of the identity."""
    assert repr(canonical(EBGAN(margin=2))) == repr(canonical(EBGAN(margin=2.0)))


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("hing", "Unknown objective 'hing'. Did you mean 'hinge'"),
        ("ns:smoothin=1", "Unknown setting 'smoothin' of 'ns'. Did you mean 'smoothing'"),
        ("ns+r3", "Unknown wrapper 'r3'. Did you mean 'r2' or 'r1'?"),
        ("ns:smoothing=0.1+2r", "Unknown wrapper '2r'."),
        ("ns+./nowhere.py:MyPenalty", "There is no file 'nowhere.py'"),
        ("ns:smoothing=.1+../2nd/mine.py:MyPenalty", "There is no file '../2nd/mine.py'"),
        ("lsgan:a=2,b=2", "a and b must differ, got '2.0' for both"),
        ("lsgan:b=0,a=1,smoothing=x", "smoothing must be a number, got 'x'"),
        ("ns+hinge", "'hinge' is an objective and cannot wrap another"),
        ("ns:smoothing", "'smoothing' after 'ns' is not a setting; write field=value"),
        ("ns:smoothing=", "is not a setting"),
        ("ns:=1", "is not a setting"),
        ("ns:smoothing=x", "smoothing must be a number, got 'x'"),
        ("ns:smoothing=nan", "smoothing must be a number, got 'nan'"),
        ("ns:smoothing=1e400", "smoothing must be finite, got '1e400'"),
        ("ns:smoothing=1e-400", "smoothing is too small to differ from 0, got '1e-400'"),
        ("ns:smoothing=2", "smoothing must be in [0, 1), got '2.0'"),
        ("ns:smoothing=.1,smoothing=.2", "'smoothing' is set twice"),
        ("ebgan:margin=0", "margin must be positive and finite, got '0.0'"),
        ("ns+pac:m=2.5", "m must be a whole number, got '2.5'"),
        ("ns+pac:m=0", "m must be between 1 and 64, got '0'"),
        ("mmd:kernel=linear", "kernel must be one of rbf, rq, got 'linear'"),
        ("fgan-kl:trick=maybe", "trick must be true or false, got 'maybe'"),
        ("mmd+r1", "R1 needs a critic of kind score or energy, but this objective's is 'embedding'"),
        ("mmd-fixed+pac", "this objective has no critic"),
        ("rasgan+topk", "top-k needs a generator loss that is a mean over scores"),
        ("ns+r1+r1", "R1 appears twice in one game"),
        ("ns+noise+noise", "InstanceNoise appears twice in one game; give it only once"),
        ("ns+noise:std=.1+r1+noise:std=.2", "InstanceNoise appears twice in one game"),
        ("dragan+dragan", "NearData appears twice in one game"),
        ("", "has an empty name"),
        ("ns+", "has an empty name"),
        ("+r1", "has an empty name"),
        ("as-shipped/nobody", "Unknown objective 'as-shipped/nobody'"),
        ("nowhere/mine.py:MyLoss", "There is no file 'nowhere/mine.py'"),
        ("no_such_module:MyLoss", "Module 'no_such_module' cannot be imported: ModuleNotFoundError"),
        ("json:JSONDecoder", "'json:JSONDecoder' is not an objective; derive it from objectives.Objective"),
    ],
)
def test_a_mistake_is_one_sentence(spec, sentence):
    """Whatever is wrong with a spelling is told on one line, with the value and what would be right."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        parse(spec)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_problem_sets_what_the_user_left():
    """A scale-bound field takes the problem's value unless the user set one, and the label stays short."""
    scales = {"energy": 0.25}
    assert parse("ebgan", scales=scales) == EBGAN(margin=0.25)
    assert parse("ebgan:margin=10", scales=scales) == EBGAN(margin=10.0)
    assert parse("ebgan", scales=scales, overrides={"margin": "3"}) == EBGAN(margin=3.0)
    assert spelling(parse("ebgan", scales=scales), scales=scales) == "ebgan"
    assert spelling(parse("ebgan:margin=10", scales=scales), scales=scales) == "ebgan:margin=10"
    assert spelling(parse("ebgan", scales=scales)) == "ebgan:margin=0.25"


def test_overrides_reach_the_parts_that_have_them():
    """`gamma` sets every part that has one, `r1.gamma` that part, and an unknown name is left to the caller."""
    assert parse("r3gan", overrides={"gamma": "2", "margin": "1"}) == parse("rsgan+r1:gamma=2+r2:gamma=2")
    assert parse("r3gan", overrides={"r1.gamma": "2"}) == parse("rsgan+r1:gamma=2+r2")
    assert parse("ns+pac", overrides={"m": "4"}) == Packed(NonSaturating(), m=4)
    assert settable(parse("ns+r1")) == {"smoothing", "ns.smoothing", "gamma", "r1.gamma"}


def test_packing_counts_points():
    """The engine reads how many points make one input."""
    assert [parse(spec).traits.packing for spec in ("ns", "ns+r1", "ns+pac:m=3", "hinge+lecam+pac")] == [1, 1, 3, 2]


def test_packing_stands_outermost_in_python_too():
    """Wrapping a packed game is refused with one sentence."""
    with pytest.raises(ValueError, match="pac must be the last wrapper"):
        Penalised(Packed(NonSaturating()), R1())


def test_a_file(tmp_path, monkeypatch):
    """`path/file.py:MyLoss` takes settings and wrappers, has a label that reads back, and a hashed source."""
    path = written(tmp_path / "mine.py")
    game = parse(f"{path}:MyLoss:margin=2+r1:gamma=1+{path}:MyPenalty:weight=3", overrides={"gamma": "4"})
    assert (game.objective.objective.margin, game.penalty) == (2.0, R1(gamma=4.0))
    assert canonical(parse(spelling(game))) == canonical(game)
    monkeypatch.chdir(tmp_path)
    assert spelling(parse("mine.py:MyLoss")) == "mine.py:MyLoss"
    before = canonical(parse("mine.py:MyLoss"))
    written(path, MINE + "# changed\n")
    assert canonical(parse("mine.py:MyLoss")) != before


@pytest.mark.parametrize("place", ["./mine.py", "../here/mine.py", "2nd.py", "3e/mine.py"])
def test_a_wrapper_lies_where_the_user_says(tmp_path, monkeypatch, place):
    """A wrapper's file may start with a dot or a digit, after a number and after a name."""
    (tmp_path / "here" / "3e").mkdir(parents=True)
    for path in ("mine.py", "2nd.py", "3e/mine.py"):
        written(tmp_path / "here" / path)
    monkeypatch.chdir(tmp_path / "here")
    for before in ("ns", "ns:smoothing=.5", "ns:smoothing=1e-3", "ns+r1"):
        game = parse(f"{before}+{place}:MyPenalty:weight=3+pac")
        assert any(getattr(part, "weight", None) == 3.0 for part in parts(game))


def test_every_field_of_a_users_can_be_set(tmp_path):
    """A field called `penalty` is a setting like any other."""
    path = written(tmp_path / "mine.py")
    assert parse(f"{path}:MyLoss:penalty=3").penalty == 3.0
    assert "penalty" in settable(parse(f"{path}:MyLoss+r1"))
    assert "penalty" not in settable(parse("r3gan"))


def test_a_module_is_the_same_game_as_its_file(tmp_path, monkeypatch):
    """`module:MyLoss` beside the user is found, and has the identity of `module.py:MyLoss`."""
    written(tmp_path / "my_module_of_losses.py")
    monkeypatch.chdir(tmp_path)
    game = parse("my_module_of_losses:MyLoss:margin=2")
    assert game.margin == 2.0
    assert canonical(game) == canonical(parse("my_module_of_losses.py:MyLoss:margin=2"))


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        (MINE, "Other", "'{}' has no 'Other'; it defines MyLoss, MyPenalty"),
        (MINE, "Nothing", "is not an objective"),
        ("1 +", "MyLoss", "cannot be imported: SyntaxError"),
        (
            "import nowhere_at_all",
            "MyLoss",
            "cannot be imported: ModuleNotFoundError: No module named 'nowhere_at_all'",
        ),
        ("raise RuntimeError('two\\nlines')", "MyLoss", "cannot be imported: RuntimeError: two lines"),
        ("def game():\n    return 3", "game", "is not an objective"),
        (
            "from objectives import Objective\nclass Bare(Objective):\n    margin: float = 1.0",
            "Bare",
            "is not a dataclass",
        ),
        ("def game(x):\n    return 3", "game", "cannot be built without arguments"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path, text, name, sentence):
    """A file that cannot be read, or holds no such objective, is told on one line."""
    path = written(tmp_path / "mine.py", text)
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        parse(f"{path}:{name}")
    assert sentence.format(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_function_may_compose(tmp_path):
    """A function without arguments that returns a game is an objective from outside."""
    text = "from objectives import Hinge, Penalised, R1\n\ndef mine():\n    return Penalised(Hinge(), R1(1.0))\n"
    assert parse(f"{written(tmp_path / 'mine.py', text)}:mine") == parse("hinge+r1:gamma=1")


def test_an_installed_plug_in(tmp_path, monkeypatch):
    """An unknown name is looked up among entry points, and a broken one is one sentence."""
    written(tmp_path / "plugged_in_losses.py")
    monkeypatch.syspath_prepend(tmp_path)
    entries = importlib.metadata.EntryPoints(
        importlib.metadata.EntryPoint(name, value, "gan_bench.objectives")
        for name, value in (("mine", "plugged_in_losses:MyLoss"), ("broken", "plugged_in_losses:Gone"))
    )
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **which: entries.select(**which))
    game = parse("mine:margin=2")
    assert dataclasses.asdict(game) == {"margin": 2.0, "penalty": 0.0}
    assert spelling(game) == "plugged_in_losses:MyLoss:margin=2"
    with pytest.raises(ValueError, match=r"Plug-in 'broken' \(plugged_in_losses:Gone\) cannot be loaded"):
        parse("broken")


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_name_is_its_own_label(name):
    """Every name of the table labels its own game."""
    assert spelling(parse(name)) == name


def test_reading_a_spelling_is_a_look_up():
    """After the first time, a spelling is read in fewer than 100 calls: no game is built to find a name."""
    parse("ns+r1:gamma=1")
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        parse("ns+r1:gamma=1")
    finally:
        sys.setprofile(None)
    assert calls < 100


@pytest.mark.parametrize("name", ["wgan", "wgan-gp", "r3gan", "ebgan-pt"])
def test_a_composition_is_documented_data(name):
    """A named game is a value with parts, a docstring and, where its paper has them, settings."""
    game = OBJECTIVES[name]
    assert game() == parse(name)
    assert "arXiv:" in inspect.getdoc(game).partition("\n")[0]
    assert tuple(map(type, game.parts)) == tuple(map(type, parts(game())))
