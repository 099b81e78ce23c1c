"""The milter protocol: a mail server (Postfix, Sendmail) asks what becomes of a message before it takes it."""
