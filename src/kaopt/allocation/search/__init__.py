"""From the relaxation to a plan and its proof: prices, restricted programs, neighbourhoods, a tree of bounds."""
