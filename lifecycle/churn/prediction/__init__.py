"""Who will be lost, learned from a tenant's own past: arrays in, arrays out.

Nothing here knows Django, a tenant, a clock or a random state of its own: days are numbers, seeds are
passed. The night and `manage.py backtest` call the same functions. What was measured and why these
methods: crm/decisions/023-prediction.md.
"""
