"""The compiled loops: what happens to all lines of an order, or to all lots, in one call."""
