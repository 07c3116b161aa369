"""Proof that the training data holds nothing that the model is judged on.

Three levels, as in LMSys's LLM Decontaminator (arXiv 2311.04850): a task word for word, a run of
words or a label of a page, and a paraphrase. Where theirs asks a large model whether two tasks
are the same, a threshold on the similarity of sentences decides here (`paraphrase`).

Everything that is judged is compared: the demo shop, MiniWoB++ but for its public tasks, and
the real application of the tests (`evaluation`).
"""
