"""The mistakes a user can cause, each one sentence; the command line prints it and exits with code 2.

ValueError
└── UserError          a setting, a path or a file that cannot be used as given
    ├── UnknownName    a name that is in no table
    └── PluginError    code from outside that fails, or that changes the process it runs in

BaseException
└── Interrupted        a signal asked the process to stop; no handler of faults may swallow it
"""

from __future__ import annotations


class UserError(ValueError):
    """A mistake a user can cause, in one sentence: what was wrong, the value, what would be right."""


class UnknownName(UserError):  # noqa: N818  a name that is not known, said as it is
    """A name that is not in the table it was looked up in."""


class PluginError(UserError):
    """Code from outside failed; the sentence names its line. A slip in a spelling is no such fault."""


class Interrupted(BaseException):
    """A signal asked the process to stop; whoever holds unsaved work saves it and lets this pass."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


PASSING = (KeyboardInterrupt, Interrupted)  # what no handler of faults keeps, though it catches BaseException
