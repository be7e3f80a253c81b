"""What happens: dossiers, steps under way, clocks, timers, breaches, apologies, figures, and the
back office, the public portal and the API over them.
"""
