"""User-defined networks: plain modules of one member as an architecture.

    class MyPair:
        noise = 8                          # numbers from N(0, 1); a `Noise` for others. [default: 16]

        def generator(self, shape): ...    # a module from noise [B, 8] to samples [B, *shape]
        def critic(self, shape): ...       # a module from samples to scores [B] or [B, 1]; some objectives need none
        def energy(self, shape): ...       # may be left out: a module from samples to reconstructions of them
        def embedding(self, shape): ...    # may be left out: a module from samples to features [B, F]

A critic may return (scores, features); else the features are what its last layer with weights was given. torch's
batch norm, dropout and spectral norm are replaced by the layers of `benchmark.networks.layers`, which carry no hidden
state: their statistics are the batch's own, their draws the member's.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from benchmark.errors import LeftOut, UserError
from benchmark.networks.architecture import Architecture, NoCritic, Shape
from benchmark.networks.base import CriticNetwork, Noise
from benchmark.networks.plain import couples_batch, with_pure_layers
from benchmark.networks.players import Caller, Critic, Generator
from objectives.base import CriticKind
from objectives.foundation.loading import Kind, entry_point_names, is_place
from objectives.foundation.names import quote
from objectives.foundation.settings import read_word, text_of, with_fields
from objectives.foundation.source import is_outside, source_digest
from objectives.foundation.table import find

METHODS: Mapping[CriticKind, str] = {"score": "critic", "energy": "energy", "embedding": "embedding"}
PLAIN = (bool, int, float, str)
WANTED = "write a class with generator(shape) and critic(shape), which return plain modules"


def _is_pair(value: Any) -> bool:
    return inspect.isclass(value) and (issubclass(value, Architecture) or hasattr(value, "generator"))


def _looks_right(node: ast.stmt) -> bool:
    body = node.body if isinstance(node, ast.ClassDef) else []
    return any(isinstance(one, ast.FunctionDef) and one.name == "generator" for one in body)


def is_outside_network(text: str, known: Collection[str]) -> bool:
    """Return whether a text names a user-defined network: a location, or a plug-in without a built-in name."""
    name = read_word(text).name
    if is_place(name) or name.endswith(".py"):
        return True
    return name not in known and name in entry_point_names(NETWORK)


def outside_architecture(text: str) -> Architecture:
    """Load an architecture as `file.py:MyPair` or `file.py:MyPair:width=32` names it, or an installed plug-in."""
    word = read_word(text)
    found: Architecture = find(word.name, NETWORK)
    if not word.settings:
        return found
    if not isinstance(found, Outside):
        changed: Architecture = with_fields(found, word.settings)
        return changed
    if not dataclasses.is_dataclass(found.pair):
        raise UserError(f"{quote(word.name)} accepts no settings; write @dataclass(frozen=True) above it.")
    return Outside(pair=with_fields(found.pair, word.settings))


def as_architecture(found: Any, name: str) -> Architecture:
    """Return the architecture of a user's class or instance; raises UserError for anything else."""
    pair = found
    if inspect.isclass(found) or inspect.isfunction(found):
        try:
            pair = found()
        except TypeError as error:
            raise UserError(f"The network {quote(name)} cannot be built without arguments: {error}") from error
    if isinstance(pair, Architecture):
        return pair
    if not callable(getattr(pair, "generator", None)):
        raise UserError(f"{quote(name)} is not a pair of networks; {WANTED}")
    return Outside(pair=pair)


def given_network(value: Any) -> str | Architecture | None:
    """Return what was given in Python as the name of a network or an architecture."""
    if value is None or isinstance(value, str):
        return value
    return as_architecture(value, getattr(value, "__name__", type(value).__name__))


NETWORK = Kind("network", "a pair of networks", "MyPair", _is_pair, _looks_right, as_architecture)


@dataclass(frozen=True)
class Outside(Architecture):
    """The architecture of a user's pair."""

    pair: Any = field(default=None, compare=False)

    @property
    def noise(self) -> Noise:
        """Return the generator's input distribution."""
        noise = getattr(self.pair, "noise", 16)
        return noise if isinstance(noise, Noise) else Noise(dimension=int(noise))

    @property
    def group_size(self) -> Mapping[str, int]:
        """Return the number of members that train together, by kind of device; a `group_size` of its own goes first."""
        return {"cpu": 16, "cuda": 64, "mps": 16} | dict(getattr(self.pair, "group_size", {}))

    def fits(self, shape: Shape) -> bool:
        """Return whether it can make samples of a shape; one that does not say is tried."""
        return bool(getattr(self.pair, "fits", lambda shape: True)(shape))

    def has(self, kind: CriticKind) -> bool:
        """Return whether the pair has the method that builds critics of a kind."""
        return kind == "none" or getattr(self.pair, METHODS[kind], None) is not None

    def generator(self, shape: Shape, means: Tensor | None) -> nn.Module:
        """Build the generator."""
        module, call = self._built("generator", shape), self._caller("generator")
        call(couples_batch, module, (self.noise.dimension,))  # whose buffers stay as they are
        return Generator(module, shape, call)

    def critic(self, kind: CriticKind, shape: Shape) -> CriticNetwork:
        """Build the critic of a kind."""
        if kind == "none":
            return NoCritic()
        method = METHODS[kind]
        if not self.has(kind):
            name = quote(type(self.pair).__name__)
            raise LeftOut(f"The network {name} has no {method}(shape), which this objective needs.")
        return Critic(self._built(method, shape), kind, shape, self._caller(method))

    def _caller(self, method: str) -> Caller:
        code = getattr(getattr(type(self.pair), method, None), "__code__", None)
        return Caller(type(self.pair).__name__, getattr(code, "co_filename", ""))

    def _built(self, method: str, shape: Shape) -> nn.Module:
        call = self._caller(method)
        found = call(getattr(self.pair, method), shape)
        if not isinstance(found, nn.Module):
            raise call.fault(f"{method}(shape) returns a {type(found).__name__}, not a torch.nn.Module")
        return call(with_pure_layers, found)


def network_name(architecture: Architecture) -> str:
    """Return the identity of a user-defined architecture: its class, its settings and its source."""
    pair = architecture.pair if isinstance(architecture, Outside) else architecture
    settings = ",".join(f"{name}={text_of(value)}" for name, value in _settings(pair).items())
    digest = source_digest(pair)
    words = [type(pair).__name__ + (f":{settings}" if settings else ""), f"sha256:{digest[:16]}" if digest else ""]
    return " ".join(word for word in words if word)


def has_source(architecture: Architecture) -> bool:
    """Return whether an architecture's name identifies it: it has source, and its settings are plain values."""
    pair = architecture.pair if isinstance(architecture, Outside) else architecture
    plain = all(isinstance(value, PLAIN) for value in _settings(pair).values())
    return not is_outside(type(pair)) or (plain and source_digest(pair) is not None)


def _settings(pair: Any) -> dict[str, Any]:
    """Return the attributes in which an instance differs from its class, whose own are a dataclass's defaults."""
    usual = vars(type(pair))
    return {name: value for name, value in vars(pair).items() if not _same(value, usual.get(name, vars))}


def _same(value: Any, usual: Any) -> bool:
    return value is usual or (type(value) is type(usual) and isinstance(value, PLAIN) and value == usual)
