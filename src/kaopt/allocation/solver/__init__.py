"""Programs of numbers, and the one place that hands them to a solver and does not take its word."""
