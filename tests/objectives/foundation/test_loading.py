"""Code from outside is loaded by one loader, and leaves the process as it was."""

from __future__ import annotations

import importlib.metadata
import os
import signal
import sys
import warnings

import numpy as np
import pytest
import torch

from objectives.foundation.errors import Interrupted, PluginError
from objectives.foundation.loading import Kind, load, load_entry_point
from objectives.foundation.process import left_alone, shared_settings

THING = Kind("thing", "a thing", "MyThing", callable, lambda node: True, lambda found, text: found)
HEAD = "import os, random, signal, sys, warnings\nimport numpy as np\nimport torch\ndef mine():\n    return 3\n"


def loaded(tmp_path, text):
    """Load `mine` from a file of that text."""
    path = tmp_path / "mine.py"
    path.write_text(HEAD + text)
    return load(f"{path}:mine", THING)


def state():
    """Read all that a process shares."""
    return {name: setting.read() for name, setting in shared_settings().items()}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("torch.set_default_dtype(torch.float64)", "torch's default dtype"),
        ("torch.set_default_device('meta')", "torch's default device"),
        ("torch.set_num_threads(torch.get_num_threads() + 1)", "torch's number of threads"),
        ("torch.use_deterministic_algorithms(True)", "torch's use of deterministic algorithms"),
        (
            "torch.backends.cuda.matmul.allow_tf32 ^= True",
            "torch's precision of matrix products",
        ),
        ("torch.backends.cudnn.benchmark ^= True", "torch's cuDNN and TF32 flags"),
        ("torch.set_float32_matmul_precision('medium')", "torch's precision of matrix products"),
        ("torch.set_flush_denormal(True)", "torch's handling of denormal numbers"),
        ("torch.set_grad_enabled(False)", "torch's gradient mode"),
        ("torch.autograd.set_detect_anomaly(True)", "torch's anomaly detection"),
        ("np.seterr(all='raise')", "NumPy's error handling"),
        ("os.chdir('/')", "the working directory"),
        ("os.environ['OMP_NUM_THREADS'] = '77'", "the environment"),
        ("signal.signal(signal.SIGTERM, lambda *_: None)", "a signal handler"),
        ("sys.setrecursionlimit(sys.getrecursionlimit() + 1)", "the recursion limit"),
        ("sys.stdout = open(os.devnull, 'w')", "the standard streams"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # torch deprecates some of these switches, an unclosed file is left behind
def test_a_file_that_changes_the_process_is_refused(tmp_path, line, what):
    """What others compute by is set back, and one sentence names what the file changes, however often it is loaded."""
    before = state()
    for _ in range(2):
        with pytest.raises(PluginError, match=f"^'mine.py' changes {what}|^'mine.py' changes .*{what}") as caught:
            loaded(tmp_path, line)
        assert "\n" not in str(caught.value)
        assert state() == before


@pytest.mark.parametrize(
    "line",
    [
        "torch.manual_seed(0)",
        "np.random.seed(0)",
        "random.seed(0)",
        "warnings.simplefilter('ignore')",
        "os.environ['A_LIBRARY_OF_MINE'] = '1'",
    ],
)
def test_what_nobody_computes_by_is_set_back_without_a_word(tmp_path, line):
    """Seeds of global generators, warning filters and other environment variables are restored."""
    before, filters, environment = state(), warnings.filters[:], dict(os.environ)
    assert loaded(tmp_path, line)() == 3
    assert (state(), warnings.filters[:], dict(os.environ)) == (before, filters, environment)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("sys.exit(7)", "'mine.py' cannot be imported: SystemExit: 7"),
        ("raise BaseException('gone')", "'mine.py' cannot be imported: BaseException: gone"),
        ("class Gone(BaseException): pass\nraise Gone", "'mine.py' cannot be imported: Gone"),
    ],
)
def test_a_file_that_leaves_is_one_sentence(tmp_path, line, sentence):
    """Leaving the program at import is a fault of the file; the program goes on."""
    with pytest.raises(PluginError, match=sentence):
        loaded(tmp_path, line)


def test_an_entry_point_that_leaves_is_one_sentence(tmp_path, monkeypatch):
    """The same holds for an installed plug-in, at its first use and at its second."""
    (tmp_path / "a_module_that_exits.py").write_text("import sys\nsys.exit(7)\n")
    monkeypatch.syspath_prepend(tmp_path)
    entries = importlib.metadata.EntryPoints(
        [importlib.metadata.EntryPoint("exiter", "a_module_that_exits:Thing", THING.group)]
    )
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **which: entries.select(**which))
    for _ in range(2):
        with pytest.raises(PluginError, match=r"Plug-in 'exiter' .* cannot be loaded: SystemExit: 7"):
            load_entry_point("exiter", THING)
    assert load_entry_point("another", THING) is None


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Interrupted(signal.SIGTERM)])
def test_a_signal_passes(tmp_path, monkeypatch, error):
    """An interruption during an import is no fault of the file."""
    monkeypatch.setattr(sys, "interruption", error, raising=False)
    with pytest.raises(type(error)):
        loaded(tmp_path, "raise sys.interruption")


@pytest.mark.parametrize(
    ("draw", "whose"), [(lambda: torch.rand(1), "torch"), (lambda: np.random.rand(1), "NumPy")], ids=["torch", "NumPy"]
)
def test_a_draw_from_a_global_generator_is_refused_on_trial(draw, whose):
    """Where code is tried, a global generator that moved is named and set back."""
    before = state()
    with pytest.raises(PluginError, match=f"draws from {whose}'s global generator"), left_alone("It", draws=True):
        draw()
    assert state() == before


def test_a_dataclass_with_future_annotations_loads(tmp_path):
    """A dataclass looks its module up while it is made."""
    (tmp_path / "mine.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Mine:\n    x: int = 1\n"
    )
    assert load(f"{tmp_path / 'mine.py'}:Mine", THING)().x == 1
