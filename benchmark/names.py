"""The look-up of names of the bottom floor, under the names that this package uses."""

from __future__ import annotations

from objectives.foundation.names import join_names as listed
from objectives.foundation.names import quote as shown
from objectives.foundation.names import resolve

__all__ = ["listed", "resolve", "shown"]
