"""What the studio's process draws. Importing this is cheap; what is heavy is imported at first use there."""
