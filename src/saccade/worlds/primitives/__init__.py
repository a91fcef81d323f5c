"""Pictures of primitives at random, with what each pixel shows: to learn to see before any task.

Boxes, balls, cylinders, capsules, ellipsoids, open cups and hands of capsules lie, stand and float
above a table; textures, lights and the camera are drawn anew. Nothing happens in them: they know
of no task, and a network that has learned their shapes, places and colours has learned none.
"""
