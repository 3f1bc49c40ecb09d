"""The topics that every brand has. `monitor.assess` finds them; a test holds the two together."""

SHIPPED_TOPICS = (
    "waiting",
    "staff",
    "quality",
    "price",
    "billing",
    "delivery",
    "cleanliness",
    "booking",
    "app_fault",
    "refund",
    "safety",
    "legal",
    "discrimination",
    "distress",
    "other",
)
