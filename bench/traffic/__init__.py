"""Traffic for a running Paycite, in which every answer is checked: `load.py` starts it."""
