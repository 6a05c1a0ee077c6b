"""The GAN: digits, nets, the training thread, its streams, and the gestures that reach into it."""
