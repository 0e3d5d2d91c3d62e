"""The discrete-event simulation of making, storing and delivering what a plan sells; see `simulate`."""
