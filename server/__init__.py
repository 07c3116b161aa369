"""What is served: models and the backend of the extension."""
