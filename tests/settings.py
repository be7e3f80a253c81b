"""Settings of the tests: those of OneStop, with what tests alone need changed."""

from onestop.settings import *  # noqa: F403
from onestop.settings import DATABASES, STORAGES

SECRET_KEY = "only-for-tests"  # noqa: S105
FIELD_KEY = "0" * 64
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
COUNT_METRICS = False  # a test that counts says so itself
# A test's database need not survive a power cut.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
