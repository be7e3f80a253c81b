from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0008_public_breaches")]

    operations = [
        migrations.AddField(
            model_name="dossier",
            name="asked_sha256",
            field=models.CharField(blank=True, max_length=64, default=""),
            preserve_default=False,
        ),
    ]
