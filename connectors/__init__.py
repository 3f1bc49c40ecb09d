"""Platforms Rapport can listen to and answer on.

This package imports nothing else of Rapport: it could be a library of its own.
`connectors.base` is the contract, `connectors.registry` finds the connectors.
"""
