"""measured quality."""
