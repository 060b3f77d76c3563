"""How far an outcome agrees with what was expected."""
