"""Who may come in: sessions, sign-in, and the doors to workspaces."""
