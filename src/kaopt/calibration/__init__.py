"""Make the simulated warehouse lose what the customer's books say that it lost."""
