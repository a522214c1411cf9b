"""Structures that the papers compare with, written from their descriptions; random weights, for time only."""
