"""What the compact writer learns from, and what it is measured on. Offline: no request imports it."""
