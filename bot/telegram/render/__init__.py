"""Notices into what a person reads, in their language and their time."""
