"""The rows. One word per thing, as in the design; every piece of work is one of these rows."""

from monitor.models.base import Base, Workable
from monitor.models.cases import (
    Case,
    CaseMention,
    Clock,
    Draft,
    Event,
    Pause,
    Reply,
    ReplyAttempt,
    SlaPolicy,
    Solution,
)
from monitor.models.deliveries import Delivery
from monitor.models.escalation import Escalation, EscalationCall
from monitor.models.judgement import Incident, IncidentMention, Label, Layer, Mark, SecondLook
from monitor.models.mentions import (
    Assessment,
    Author,
    Customer,
    Interaction,
    Mention,
    Revision,
)
from monitor.models.places import (
    Account,
    Alert,
    Brand,
    Budget,
    Location,
    Misread,
    Source,
    VaultEntry,
)
from monitor.models.reports import (
    ReportChange,
    ReportForecast,
    ReportState,
    Rollup,
    RollupSpan,
)
from monitor.models.staff import Inbound, Notification, SignIn

__all__ = [
    "Account",
    "Alert",
    "Assessment",
    "Author",
    "Base",
    "Brand",
    "Budget",
    "Case",
    "CaseMention",
    "Clock",
    "Customer",
    "Delivery",
    "Draft",
    "Escalation",
    "EscalationCall",
    "Event",
    "Inbound",
    "Incident",
    "IncidentMention",
    "Interaction",
    "Label",
    "Layer",
    "Location",
    "Mark",
    "Mention",
    "Misread",
    "Notification",
    "Pause",
    "Reply",
    "ReplyAttempt",
    "ReportChange",
    "ReportForecast",
    "ReportState",
    "Revision",
    "Rollup",
    "RollupSpan",
    "SecondLook",
    "SignIn",
    "SlaPolicy",
    "Solution",
    "Source",
    "VaultEntry",
    "Workable",
]
