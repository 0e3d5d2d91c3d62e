"""What may be said of simulated figures: intervals, pairs, stopping, many comparisons, the best of several, tails."""
