"""Zips, folders and uploads as one list of files."""
