"""What lies inside attachments: archives, Office documents, PDF. Nothing is written to disk and nothing raises.

`kinds` tells from the first bytes whether an attachment is worth opening and is all that most mail loads; `look` opens
it. Every reader works on bytes at hand, within the `Budget` of the message.
"""
