"""What all tests share."""

from hypothesis import settings

settings.register_profile("stillhere", deadline=None)
settings.load_profile("stillhere")
