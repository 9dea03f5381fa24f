"""One module a view of Explore."""
