"""What a config release contains: its files, its manifest, its name, and the zip that carries them."""
