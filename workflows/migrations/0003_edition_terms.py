from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0002_procedure_ladder"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="consultation_stops_by",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="edition",
            name="opinion_term_days",
            field=models.PositiveSmallIntegerField(default=3),
        ),
        migrations.AddField(
            model_name="edition",
            name="payment_term_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
    ]
