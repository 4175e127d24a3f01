"""`manage.py backtest`: the prediction code of the product on any file in place of a tenant."""
