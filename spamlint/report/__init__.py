"""Reports: pure functions of what was found, one module for each format."""
