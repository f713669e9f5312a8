"""The mistakes a user can cause; the command line prints their one sentence and exits with code 2.

ValueError
└── UserError          a setting, a path or a file that cannot be used as given
    ├── UnknownName    a name that nothing here bears
    └── StoreError     a results directory or a record that cannot be read or written
"""

from __future__ import annotations


class UserError(ValueError):
    """A mistake a user can cause, told in one sentence: what was wrong, the value, what would be right."""


class UnknownName(UserError):  # noqa: N818  a name that is not known, said as it is
    """A name that is not in the table it was looked up in."""


class StoreError(UserError):
    """A results directory or a record that cannot be read or written."""
