"""Property tests look for wrong answers, not for slow ones: a busy machine fails no test."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
