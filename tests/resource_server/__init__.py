"""The middleware over real HTTP, with real keys."""
