"""The Dirac-GAN played by the engine: what theory says of it, and what the engine's own step does."""
