"""Eyes and hands: the browser, the observation, the actions, their verdicts, and the policy."""
