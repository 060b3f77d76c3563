"""from a typed query to SQL."""
