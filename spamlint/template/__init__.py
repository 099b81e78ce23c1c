"""Templates: their languages, and what a message made from them will be, with a map back to the template."""
