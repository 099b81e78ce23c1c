"""Style sheets and styles as far as they decide whether text can be read: colours, sizes, and what hides it."""
