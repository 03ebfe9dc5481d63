"""Prints what an engine would say that has failed, with its exit code."""
import sys

sys.stderr.write("docker: Error response from daemon: no space left on device.\n")
sys.stderr.write("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n")
sys.exit(125)
