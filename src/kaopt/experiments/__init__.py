"""Policies tried out on the same luck: a file says which, a grid of years is lived, one table says what each does."""
