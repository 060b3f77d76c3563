"""Localisation: the segments of a table of leaves whose deviation is not noise."""
