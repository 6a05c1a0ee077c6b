"""What is shown, given to other programs: over NDI, Syphon, Spout, or as a camera.

Each way is one file here with a class `Outlet`, and an optional extra of the package.
"""
