"""The nouns of the API: for each its documents, its actions and its routes."""
