"""The tenant's look, its words, and what it asks people at consent."""
