set -e
exec python -u app.py
