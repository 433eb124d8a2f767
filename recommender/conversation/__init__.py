"""Messages in, a grounded reply out; the ranking is an argument."""
