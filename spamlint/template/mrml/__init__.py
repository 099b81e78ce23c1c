"""MJML compiled by mrml, in a process of its own: what is nested too deeply ends it."""
