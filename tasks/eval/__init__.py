"""How often tasks come out right: MiniWoB++ and anyone's own, judged by their pages."""
