"""Errors caused by the user, each with a one-sentence message; the command line prints it and exits with code 2.

ValueError
└── UserError          a setting, a path or a file that cannot be used as given
    ├── UnknownName    a name that is not in a table
    └── PluginError    user code that fails, or that changes the state of the process

BaseException
└── Interrupted        a signal asked the process to stop; no error handler may swallow it
"""

from __future__ import annotations


class UserError(ValueError):
    """An error caused by the user, in one sentence: what is wrong, the value, what to do instead."""


class UnknownName(UserError):  # noqa: N818  named for what it reports
    """A name that is not in the table it was looked up in."""


class PluginError(UserError):
    """User code failed; the message names the line. A misspelled name or setting is a UserError instead."""


class Interrupted(BaseException):
    """A signal asked the process to stop; code with unsaved work saves it and re-raises."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


PASSING = (KeyboardInterrupt, Interrupted)  # re-raised by every handler, even one that catches BaseException
