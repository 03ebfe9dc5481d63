"""An OpenID Connect provider that the suite signs in at, and that can lie."""
