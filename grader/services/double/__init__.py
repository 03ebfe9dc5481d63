"""What services that are programs of ours and speak HTTP have in common."""
