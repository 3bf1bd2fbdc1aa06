"""Patch networks trained by other methods and for other losses."""
