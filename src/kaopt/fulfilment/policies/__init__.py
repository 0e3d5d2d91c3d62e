"""Supply policies: plain functions that turn a setting into the numbers or the order that the kernels follow."""
