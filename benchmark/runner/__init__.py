"""The runner: expands a request into runs, skips those on record, trains the rest in groups, writes records."""
