"""Pictures: values in, bytes out. Nobody waits for them in the bot's own process."""
