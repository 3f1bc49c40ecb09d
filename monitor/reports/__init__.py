"""What managers read: how promises fared, where the time went, what our answers did.

Figures are kept by day and month (`keeping`) and made from the rows alone (`facts`);
`docs/reference/reports.md` defines every one of them.
"""

from __future__ import annotations

from monitor.reports.kept import kept_report
from monitor.reports.sla import SlaReport, TargetReport, sla_report

__all__ = ["SlaReport", "TargetReport", "kept_report", "sla_report"]
