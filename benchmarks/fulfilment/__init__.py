"""One simulated year three ways: as anybody would write it, as kaopt does, and with the whole clock compiled."""
