"""what a result tells."""
