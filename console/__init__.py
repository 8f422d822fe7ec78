"""Pages for owners and agents, the command line, and the assembly. Stands on knowledge and on the engine."""
