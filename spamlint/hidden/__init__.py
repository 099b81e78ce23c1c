"""What of a message its readers do not see: text that a style hides, and how hard the rest is to read."""
