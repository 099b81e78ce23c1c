"""Whether a message would be accepted from where it is sent: DNS, SPF, DKIM, DMARC, blocklists. The only network code.

Nothing here is asked for by the checks on content: only `--route`, `spamlint sender` and `spamlint smtp` do.
"""
