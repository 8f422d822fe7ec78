"""What the pages about a domain's knowledge share: the door to the domain, the frame around them, and the landing."""
