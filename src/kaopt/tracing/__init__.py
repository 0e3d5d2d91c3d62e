"""The life of an order or a lot, told event by event."""
