"""writing answers into files: a report as plain data, one module per format."""
