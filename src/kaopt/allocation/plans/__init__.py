"""Plans made otherwise than at once: near another one, alternatives, in stages, month by month."""
