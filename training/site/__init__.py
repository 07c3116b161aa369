"""From a user's own site to training data: crawl, make tasks, do them in the browser, write."""
