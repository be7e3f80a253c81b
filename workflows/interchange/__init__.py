"""Definitions in the forms of others: provinces' annex tables, BPMN 2.0; read and written as plain
data, without the database."""
