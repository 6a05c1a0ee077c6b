"""MIDI: ports, maps, learning, lights and the clock."""
