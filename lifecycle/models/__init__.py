from lifecycle.models.followup import FollowUp
from lifecycle.models.risk import Band, RiskPolicy, RiskScore, Signal
from lifecycle.models.stage import Stage, StageMove, StageReason

__all__ = [
    "Band",
    "FollowUp",
    "RiskPolicy",
    "RiskScore",
    "Signal",
    "Stage",
    "StageMove",
    "StageReason",
]
