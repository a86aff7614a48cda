"""Everything that knows Telegram: intake, handlers, rendering, and the messenger."""
