"""an answer as a file."""
