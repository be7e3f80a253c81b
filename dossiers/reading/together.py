"""Several short lists that hang on one row, read in one query.

A dossier's page shows a dozen kinds of rows, most of them few; a query each would cost more than
the page. The rows come back as models, only without what they point at.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, QuerySet
from django.db.models.functions import JSONObject

from dossiers.models import Dossier


def together(dossier_id: int, **lists: QuerySet[Any]) -> dict[str, list[Any]]:
    """The rows of each queryset in its own order, by the name it was given.

    Durations and binary columns do not survive the way through JSON: do not ask for them.
    """
    arrays = {
        f"list_{name}": ArraySubquery(rows.values(row=JSONObject(**_columns(rows))))
        for name, rows in lists.items()
    }
    found = Dossier.objects.filter(pk=dossier_id).values(**arrays).get()
    return {
        name: [_made(rows.model, row) for row in found[f"list_{name}"] or ()]
        for name, rows in lists.items()
    }


def _columns(rows: QuerySet[Any]) -> dict[str, str]:
    return {field.attname: field.attname for field in rows.model._meta.concrete_fields}


def _made(model: type[Model], row: dict[str, Any]) -> Model:
    fields = model._meta.concrete_fields
    values = [field.to_python(row[field.attname]) for field in fields]
    return model.from_db("default", [field.attname for field in fields], values)
