#!/bin/zsh
exec python -u app.py
