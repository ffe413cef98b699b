"""The acceptance of the whole product: a generated CARS source, the main job, the proof of permissions."""
