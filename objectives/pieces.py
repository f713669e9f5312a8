"""The parts of a game while its settings are parsed: which part has which setting, and which the user gave."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

from objectives.compose import Part
from objectives.foundation.names import unknown_name
from objectives.identity import part_name
from objectives.settings import own_fields, with_settings


class Pieces(NamedTuple):
    """Parts of a game, the innermost first, and the (part, field) that were set by text."""

    parts: tuple[Part, ...]
    touched: frozenset[tuple[int, str]] = frozenset()

    def joined(self, others: Pieces) -> Pieces:
        """Return these parts wrapped in others."""
        moved = {(len(self.parts) + index, name) for index, name in others.touched}
        return Pieces((*self.parts, *others.parts), self.touched | moved)

    def names(self) -> set[str]:
        """Return the settings that the parts have: `gamma`, and `r1.gamma` to name the part."""
        names: set[str] = set()
        for part in self.parts:
            owner = part_name(part)
            for field in own_fields(part):
                names |= {field, f"{owner}.{field}"}
        return names

    def set(self, settings: Mapping[str, str], owner: str) -> Pieces:
        """Return the parts with settings: `gamma` goes to all that have it, `r1.gamma` to one."""
        if not settings:
            return self
        texts: list[dict[str, str]] = [{} for _ in self.parts]  # set together: two may be right only with each other
        for name, text in settings.items():
            if name not in (known := self.names()):
                raise unknown_name("setting", name, known, owner=owner)
            part_meant, _, field = name.rpartition(".")
            for part, chosen in zip(self.parts, texts, strict=True):
                if field in own_fields(part) and part_meant in ("", part_name(part)):
                    chosen[field] = text
        changed = [with_settings(part, chosen) for part, chosen in zip(self.parts, texts, strict=True)]
        touched = {(index, field) for index, chosen in enumerate(texts) for field in chosen}
        return Pieces(tuple(changed), self.touched | touched)

    def scaled(self, scales: Mapping[str, float]) -> Pieces:
        """Return the parts with the problem's values for the scale-bound fields that the user did not set."""
        scaled: list[Part] = []
        for index, part in enumerate(self.parts):
            bound = {
                name: scales[field.metadata["scale"]]
                for name, field in own_fields(part).items()
                if field.metadata.get("scale") in scales and (index, name) not in self.touched
            }
            scaled.append(dataclasses.replace(part, **bound) if bound else part)
        return Pieces(tuple(scaled), self.touched)
