"""Django templates, rendered by Django itself in a process of its own; see `engine`."""
