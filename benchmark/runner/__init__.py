"""The runner: expands what is asked for into runs, skips those on record, trains the rest in groups, writes records."""
