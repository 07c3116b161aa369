"""The mind: state, graph, planning, deciding, reflecting, and the model client."""
