"""HTTP: a message is posted, and the verdict comes back as JSON; rspamd's form of it too."""
