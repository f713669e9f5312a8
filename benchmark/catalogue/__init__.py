"""The catalogue: the kinds of things that there are, their entries, and the contract that each kind must keep."""
