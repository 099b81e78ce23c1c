"""The language server: findings while a draft, a template or a message is being written."""
