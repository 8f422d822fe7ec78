"""The demo shop: its workspace, and its page."""

DEMO = "demo"  # the slug of its workspace
