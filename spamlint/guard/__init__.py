"""What every hook in the mail path shares: an envelope and the bytes of a message in, a decision out."""
