"""The decomposition at scale: shards of whole accounts, prices, a plan from them, and a bound over all events."""
