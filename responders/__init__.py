"""What Rapport says: drafts, reply rules, the queue of approvals, its faces, and delivery."""
