"""Signing in at an OpenID Connect provider; the protocol is Authlib's."""
