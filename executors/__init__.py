"""from meaning to numbers."""
