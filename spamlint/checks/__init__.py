"""Python checks, one module per topic: generators that take a message and give the places they found."""
