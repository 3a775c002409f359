"""What has changed in a gallery, as text, Markdown and Atom."""
