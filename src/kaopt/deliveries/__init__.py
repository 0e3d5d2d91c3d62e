"""Service as it was: delivery records measured, and what single accounts may expect learnt from all of them."""
