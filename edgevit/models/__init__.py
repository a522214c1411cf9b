"""The networks: registry, variant tables and one package a family."""
