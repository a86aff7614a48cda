"""Thin handlers: parse, call one service, done. They never send and never commit."""
