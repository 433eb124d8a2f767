"""Campaigns: who should hear of what, and what the mail of the week has in it."""
