"""From a platform's page to stored, assessed and cased."""
