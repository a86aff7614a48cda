"""The one way out: the dispatcher takes notices from the outbox and gives them to a messenger."""
