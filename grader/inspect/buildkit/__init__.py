"""What BuildKit reads in a Dockerfile, by its own grammar (moby/buildkit, frontend/dockerfile).

`lexer` expands words, `grammar` finds the instructions, `sources` says what a build would load.
Where versions of BuildKit differ, both readings are taken; what cannot be decided is told as such.
"""
