"""A language model that helps to read: it may pick from the catalog, and nothing else."""
