"""Models of accounts, one concept a file."""

from onestop.accounts.models.demo import Demo
from onestop.accounts.models.user import User

__all__ = ["Demo", "User"]
