"""What a refusal means: returned messages, SMTP replies, log lines and reports -> cause, who has to act, and the cure.

`read` makes a `Notice` of bytes and never raises; `explain` says what it means by the patterns in `data/`.
"""
