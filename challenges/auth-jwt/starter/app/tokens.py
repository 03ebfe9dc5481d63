"""Making access tokens, and finding out whose a token is."""

# TODO: jwt.encode(claims, key, algorithm="HS256") makes one, jwt.decode(token, key, algorithms=["HS256"], …)
# reads one. Say which claims there have to be; by itself decode() looks at those that are there.
#
# TODO: a decorator for routes: 401 without a token that counts, 403 for a role that may not.
