"""Jinja2 templates, rendered in a process of their own; each character of the result knows where it was written."""
