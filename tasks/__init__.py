"""What is asked: the command line, the demo shop, workflows and evaluation."""
