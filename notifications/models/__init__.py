"""What is to be told and what became of it: one concept a file."""

from notifications.models.delivery import Delivery
from notifications.models.message import Message
from notifications.models.notice import Notice
from notifications.models.printed_mail import PrintedMail

__all__ = ["Delivery", "Message", "Notice", "PrintedMail"]
