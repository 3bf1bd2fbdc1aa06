"""Attention networks on sequences of tokens, several of which tell the class."""
