"""The page about visitors who are signed in to the owner's site."""
