"""The demo: a small pizza shop with the quirks of real sites, random orders, and their check."""
