"""What is told to people and programs about runs, objects and errors."""
