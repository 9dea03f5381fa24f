"""Takes files apart: where the sound lies in them, in how many parts, and what their headers say.

A file may hold several recordings one after the other, with other bytes before, between and after them, and its headers
may be wrong. `parts.find_parts` finds the parts; each module knows the headers of one family of formats. Nothing is
decoded here. This is own code because no library repairs broken headers; most read up to the first error and stop.
"""
