"""The database: tables, one unit of work, the queues in it, and migrations."""
