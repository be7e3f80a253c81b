"""The mark of a database that the demo made: what may be cleared, and its last day."""

from django.db import models


class Demo(models.Model):
    """At most one row; a database without it is nobody's demo."""

    class State(models.TextChoices):
        LOADING = "loading"
        LOADED = "loaded"

    state = models.CharField(max_length=10, choices=State.choices)
    ends_at = models.DateTimeField()
    size = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.state} {self.ends_at}"
