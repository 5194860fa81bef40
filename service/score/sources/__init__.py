"""Where pictures come from: files and what is in them, a kind a module.

Each kind has two functions. `marks(file)` finds the pictures of a file in order, each with the place where it begins;
`read(file, start, count)` reads `count` of them from such a place on, in a process that knows nothing else.
"""
