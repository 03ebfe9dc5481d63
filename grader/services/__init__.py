"""What a challenge can ask for alongside the app: a folder for each service, behind one seam."""
