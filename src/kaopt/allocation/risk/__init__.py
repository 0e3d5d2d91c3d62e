"""Plans against sampled worlds: their mean, their worst tail, and what it costs not to know which is true."""
