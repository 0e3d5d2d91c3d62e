"""Planned against happened: what each promotion really did and why, and what to believe next year."""
