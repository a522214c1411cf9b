"""Rewrites that keep the function and please phone runtimes."""
