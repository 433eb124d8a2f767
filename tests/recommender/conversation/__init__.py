"""The conversation, against shops made by hand."""
