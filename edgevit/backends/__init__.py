"""Converters: an adapted network in, a file for a phone out; one package a target."""
