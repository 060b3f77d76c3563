"""other tools' formats."""
