"""checks over a catalog."""
