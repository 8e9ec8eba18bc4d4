"""What `make bench` runs: the explorer against its alternatives, and what a chapter costs."""
