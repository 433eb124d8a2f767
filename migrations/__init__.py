"""How the tables of an older version become those of this one; `recommender migrate` runs them."""
