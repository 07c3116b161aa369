"""Workflows as Playwright scripts for pytest, and scripts as workflows.

writer, actions, code                            from a workflow to a script
reader, declarations, statements, expressions    and back; also scripts that others recorded
"""
