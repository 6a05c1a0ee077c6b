"""The hands: OSC and keys. Input threads post gestures; they change nothing themselves."""
