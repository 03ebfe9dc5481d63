#!/bin/sh
exec python -u app.py
