"""What each cause of missing goods really costs, beside what customers book."""
