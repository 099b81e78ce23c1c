"""Programs that send mail themselves: each message is judged before it leaves, in the process that sends it."""
