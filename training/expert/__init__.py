"""Right answers on the real pages of the public MiniWoB++ tasks, for imitation (DAgger).

An expert reads a question as the model gets it and knows what is right: from the words of the
task and the lines of the page alone, so that it can also say what was right where the model went
wrong.
"""
