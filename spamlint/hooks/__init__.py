"""Servers in the mail path, one package for each protocol. Each turns the decisions of the guard into replies."""
