"""The command line: one small module a command group; heavy imports happen inside commands."""
