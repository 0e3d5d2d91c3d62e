"""Verbs that ask for several plans: the frontier, plans near another, alternatives, and the comparison of runs."""
