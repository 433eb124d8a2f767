"""Recommendations and copy for many shoppers at once, in parts that can be made anywhere and again."""
