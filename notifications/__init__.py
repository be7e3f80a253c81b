"""Telling people: outbox, topics, channels, deliveries. Knows no dossier and no workflow: it is
handed a recipient, a topic and a context.
"""
