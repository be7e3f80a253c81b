from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0009_dossiers_moved_to_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="term_sources",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
