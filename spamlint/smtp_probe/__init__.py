"""Whether a server takes mail to send on, found out by talking to it up to RCPT TO: no message is ever sent."""
