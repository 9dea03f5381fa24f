"""Data sets compared: two side by side, and how the shipped model does on each."""
