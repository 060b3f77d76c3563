"""from a typed query to SQL, by way of a plan."""
