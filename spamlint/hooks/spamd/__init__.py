"""SpamAssassin's spamd protocol, for programs that ask a spamd: spamc, Exim, Haraka, Mailpit."""
