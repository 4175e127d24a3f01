"""Buy-till-you-die models: orders until a customer silently leaves, contracts until they are not renewed.

x repeat order days, t_x the last and T the age, both since the first order and in one unit of time.
"""
