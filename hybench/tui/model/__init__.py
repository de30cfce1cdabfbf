"""What the dashboard shows, read from run folders; knows no terminal."""
