"""An SMTP proxy in front of a mail server: it acknowledges a message only after that server has."""
