"""Forgetting what was told, once it is no longer needed.

That a message was delivered, and when, stays; what it said, and to which address, does not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from notifications.models import Notice, PrintedMail

KEPT_FOR = timedelta(days=90)

_EMPTY = """
WITH old AS MATERIALIZED (
    SELECT id FROM notifications_message
     WHERE state IN ('delivered', 'withdrawn') AND emptied_at IS NULL AND settled_at < %(before)s
     ORDER BY settled_at
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED)
UPDATE notifications_message m
   SET context = '{}'::jsonb,
       recipient = jsonb_build_object('kind', m.recipient -> 'kind',
                                      'language', m.recipient -> 'language',
                                      'user_id', m.recipient -> 'user_id'),
       emptied_at = %(at)s
  FROM old
 WHERE m.id = old.id
"""


def forget(*, limit: int = 10_000, at: datetime) -> int:
    """Empty messages that settled more than 90 days before `at`; how many.

    Delivered and withdrawn ones lose their context and the recipient's name and addresses; what
    could not be delivered is still work and keeps them. Notices and printed e-mail of that age go.
    """
    before = at - KEPT_FOR
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY, {"before": before, "limit": limit, "at": at})
        emptied: int = cursor.rowcount
    Notice.objects.filter(at__lt=before).delete()
    PrintedMail.objects.filter(at__lt=before).delete()
    return emptied
