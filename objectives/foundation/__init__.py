"""The bottom floor: names, settings and code from outside, for every kind of thing; it loads without torch."""
