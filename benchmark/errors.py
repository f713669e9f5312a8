"""The mistakes a user can cause; the command line prints their one sentence and exits with code 2.

ValueError
└── UserError          a setting, a path or a file that cannot be used as given
    ├── UnknownName    a name that nothing here bears
    ├── StoreError     a results directory or a record that cannot be read or written
    └── LeftOut        what cannot be run, while everything else of the command can

BaseException
└── Interrupted        a signal asked the process to stop; no fault, and no handler of faults may swallow it
"""

from __future__ import annotations


class UserError(ValueError):
    """A mistake a user can cause, told in one sentence: what was wrong, the value, what would be right."""


class UnknownName(UserError):  # noqa: N818  a name that is not known, said as it is
    """A name that is not in the table it was looked up in."""


class StoreError(UserError):
    """A results directory or a record that cannot be read or written."""


class LeftOut(UserError):  # noqa: N818  it is told, and no failure of the command
    """What cannot be run: an objective whose own code fails, a group that memory does not hold. The others go on."""


class Interrupted(BaseException):
    """A signal asked the process to stop; whoever holds unsaved work saves it and lets this pass."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
