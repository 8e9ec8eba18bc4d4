"""What the still pictures of all panels are drawn with: a sheet, numbers, arrows, the grid of a map."""
