"""Everything that shows what Latchkey does: on SQLite, and what touches storage on PostgreSQL again."""
