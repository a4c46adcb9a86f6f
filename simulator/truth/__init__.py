"""What is really so in the synthetic district."""
