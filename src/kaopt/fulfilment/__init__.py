"""The discrete-event simulation of making, storing and delivering what a plan sells."""

from kaopt.fulfilment.replicate import simulate

__all__ = ["simulate"]
