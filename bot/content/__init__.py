"""The words: loads content/, checks it, and hands out scripts and strings by locale."""
