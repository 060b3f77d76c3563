"""Answers gathered into one document."""
