"""Read tables as spreadsheets and other programs export them."""
