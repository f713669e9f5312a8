"""The engine: trains a group of members of one game as one vectorised program."""
