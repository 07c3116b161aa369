"""Workflows: files of steps that are carried out without a model wherever that is possible.

schema       a file as data: `Workflow`, and the JSON Schema for editors
step, exact, extract, steps, conditions, inputs    its parts
locator, notation      locators as data, and reading their text
templates    `{{ name }}`, filled in as data
load, write  from YAML, and patches to YAML
recording    a workflow in the making: from_run, record and clicked (a person), chrome_recorder
playwright_script    to a script and back
"""
