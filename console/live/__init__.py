"""The live desk."""
