"""The functions of the expression language, by subject; ``table`` has them all."""
