"""The schema of a file of published numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from benchmark.toml_file import Strict

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class PublishedNumber(Strict):
    """A block `[[published]]`."""

    problem: Text
    row: Text
    metric: Text
    value: float
    source: Text
    note: Text
    error: float | None = Field(default=None, ge=0)
    error_kind: Text | None = None

    @model_validator(mode="after")
    def _error_has_a_kind(self) -> PublishedNumber:
        if (self.error is None) != (self.error_kind is None):
            raise ValueError("an error without its kind says nothing: give both error and error_kind, or neither")
        return self


class PublishedFile(Strict):
    """The whole file."""

    published: list[PublishedNumber]
