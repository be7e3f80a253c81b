"""The project itself: it wires the packages together and holds no rule of the field.

Here are settings, urls, the Celery application, accounts, the design system and base templates,
health, logs, the embedded servers and the commands `serve` and `demo`.
"""
