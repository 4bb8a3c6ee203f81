"""Judge a running Paycite by pay that was observed: `bench/accuracy.py`."""
