"""Patch networks on multi-view data: which view wins."""
