"""The expression language of sync rules: text in, a function of an entry's attributes out; pure."""
