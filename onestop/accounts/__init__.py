"""Who may log in: the user model and sessions. Knows no agency, role or dossier."""
