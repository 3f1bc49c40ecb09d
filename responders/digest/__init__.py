"""The digest: what happened in a day or a week, in words and as a picture."""
