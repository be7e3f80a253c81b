import django.db.models.deletion
from django.db import migrations, models

# Clocks that run already were counted by their calendars as these stand.
_COUNTED = """
    UPDATE dossiers_clockrow SET counted_by = c.version + coalesce(b.version, 0)
    FROM workflows_calendar c LEFT JOIN workflows_calendar b ON b.id = c.base_id
    WHERE c.id = dossiers_clockrow.calendar_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0005_fees_and_opinions"),
        ("workflows", "0004_amendments"),
    ]

    operations = [
        migrations.AddField(
            model_name="clockrow",
            name="counted_by",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("submitted", "Submitted"),
                    ("received", "Received"),
                    ("not_accepted", "Not accepted"),
                    ("processing", "Processing begun"),
                    ("claimed", "Taken up"),
                    ("released", "Put back"),
                    ("assigned", "Assigned"),
                    ("advanced", "Step finished"),
                    ("supplement_requested", "Supplement requested"),
                    ("supplied", "Supplement handed in"),
                    ("payment_requested", "Payment requested"),
                    ("paid", "Payment confirmed"),
                    ("consulted", "Opinion asked for"),
                    ("opinion_given", "Opinion given"),
                    ("opinion_forgone", "Opinion no longer waited for"),
                    ("withdrawn", "Withdrawn"),
                    ("discontinued", "Discontinued"),
                    ("concluded", "Result at the counter"),
                    ("returned", "Result returned"),
                    ("reopened", "Reopened"),
                    ("moved", "Moved to another unit"),
                    ("voided", "Receipt voided"),
                    ("breached", "Limit passed"),
                    ("breach_annulled", "Breach annulled"),
                    ("explained", "Delay explained"),
                    ("explanation_accepted", "Explanation accepted"),
                    ("explanation_returned", "Explanation returned"),
                    ("apology_drafted", "Apology drafted"),
                    ("apology_returned", "Apology draft returned"),
                    ("apology_signed", "Apology signed"),
                    ("apology_arrived", "Apology arrived"),
                    ("apology_tried", "Apology tried on every channel"),
                    ("apology_handed", "Apology seen to by the counter"),
                    ("apology_annulled", "Apology annulled"),
                    ("rescheduled", "New appointment"),
                    ("supplement_lapsed", "Supplement not handed in"),
                    ("payment_lapsed", "Payment not made"),
                    ("recalendared", "Working calendar amended"),
                    ("undone", "Taken back"),
                    ("imported", "Step of an imported history"),
                ],
                max_length=40,
            ),
        ),
        migrations.CreateModel(
            name="Recount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Under way"), ("done", "Done")],
                        default="running",
                        max_length=20,
                    ),
                ),
                ("to_move", models.PositiveIntegerField()),
                ("to_be_late", models.PositiveIntegerField()),
                ("no_longer_late", models.PositiveIntegerField()),
                ("moved", models.PositiveIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("set_aside", models.JSONField(default=list)),
                (
                    "amendment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recount",
                        to="workflows.amendment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "done"), _negated=True),
                        fields=["amendment"],
                        name="recount_running",
                    )
                ],
            },
        ),
        migrations.RunSQL(_COUNTED, migrations.RunSQL.noop),
    ]
