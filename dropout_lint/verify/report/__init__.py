"""What is said about a run: results, advice, the HTML page."""
