"""from text to vectors."""
