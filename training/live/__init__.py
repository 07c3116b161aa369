"""Tasks of the generator as pages that act and that judge what was done on them.

A page of `training.chores` is drawn once for each question. Here it is a document in a real
browser: tabs open, lists turn their pages, a form refuses what is wrong, and the page itself
says in the end whether its task was done. Agents are run on them (`python -m training practise`),
and the teacher does them to write down the loop's own questions (`python -m training replay`).
"""
