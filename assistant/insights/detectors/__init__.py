"""one kind of finding each."""
