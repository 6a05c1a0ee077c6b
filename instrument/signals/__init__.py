"""What passes between the rooms: frames, gestures, the bus, and the declaration of controls."""
