"""The one error that callers' mistakes raise."""

from __future__ import annotations


class InvalidSamples(ValueError):  # noqa: N818 - it names what is wrong with the input
    """Samples, features or settings that cannot be judged; one sentence names the argument and the numbers."""
