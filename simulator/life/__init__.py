"""The district lives on, day by day; every system shows it in its own rhythm."""
