"""every word for people."""
