"""Workflows: files of steps that are carried out without a model wherever that is possible.

schema       a file as data: `Workflow`, and the JSON Schema for editors
step, exact, extract, steps, conditions, inputs    its parts
locator, notation      locators as data, and reading their text
templates    `{{ name }}`, filled in as data
load, write  from YAML, and patches to YAML
recording    a workflow in the making: from_run, record and clicked (a person), chrome_recorder
playwright_script    to a script and back
run, replay  a run of a workflow; place and scene say where it is and what its steps share
act, allow, holds, reading    one exact step: taken, allowed, judged; conditions; values of a page
ledger, resume       what was done, and going on after an interruption
heal, mended, offer, brain    what the model does: sentences, and mending within bounds
rows, table  for every row of a table; outputs and report write what came of it
bench        what a step costs beside Playwright written by hand
"""
