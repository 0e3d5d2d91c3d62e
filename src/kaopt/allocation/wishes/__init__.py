"""What cannot all hold: arithmetic before a solve, minimal conflicts, the cheapest ways out."""
