"""The demo city: staff for every role, and three months of dossiers carried by the commands."""
