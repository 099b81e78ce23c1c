"""Names of domains, mail providers and brands, and what looks like them."""
