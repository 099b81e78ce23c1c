"""The records that a domain publishes about its mail, each looked at by itself, whoever sends: is it right, and strong?

A domain may publish what nobody should rely on; which mail of today suffers from it is another question, which
`spamlint.sender.examine` answers.
"""
