"""from words to names."""
