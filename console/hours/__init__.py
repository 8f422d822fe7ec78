"""The page about hours: when somebody is there, and what is offered when nobody is."""
