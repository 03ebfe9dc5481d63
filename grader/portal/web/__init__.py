"""The pages of the portal: an app factory, who is signed in, what they may see, and the pages."""
