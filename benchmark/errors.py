"""The mistakes a user can cause; the command line prints their one sentence and exits with code 2.

UserError, UnknownName, PluginError and Interrupted are those of the bottom floor; what is added here are a store's
and a run's own.
"""

from __future__ import annotations

from objectives.foundation.errors import Interrupted, PluginError, UnknownName, UserError

__all__ = ["Interrupted", "LeftOut", "PluginError", "StoreError", "UnknownName", "UserError"]


class StoreError(UserError):
    """A results directory or a record that cannot be read or written."""


class LeftOut(UserError):  # noqa: N818  it is reported, and no failure of the command
    """What cannot be run: an objective whose own code fails, a group that memory does not hold. The others go on."""
