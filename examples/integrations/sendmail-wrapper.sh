#!/bin/sh
# In place of sendmail, for programs that call it: sendmail_path of PHP, sendmail of cron or mutt.
# SPAMLINT and SENDMAIL may name other programs. Exit code 77 says that the message was refused, 75 to try again.
exec "${SPAMLINT:-spamlint}" pipe -t --config "${SPAMLINT_CONFIG:-/etc/spamlint/spamlint.toml}" \
    -- "${SENDMAIL:-/usr/sbin/sendmail}" "$@"
