"""How the bundled model is made: data, tokenizer, training, export. Nothing imports this."""
