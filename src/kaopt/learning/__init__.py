"""Learn from sales history, and forecast with what was learned."""
