"""Plans: as a diff for people, and as what goes into a repository."""
