"""Workflows: files of steps that are carried out without a model wherever that is possible."""
