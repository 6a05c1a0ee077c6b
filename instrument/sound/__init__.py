"""What is heard: voices on pyo, a master that lets nothing break, and the way out to a device."""
