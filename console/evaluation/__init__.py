"""How well a domain's knowledge answers labelled questions: the command over two files, the page with its history."""
