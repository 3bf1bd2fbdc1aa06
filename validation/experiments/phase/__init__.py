"""Patch networks at points where one view need not win."""
