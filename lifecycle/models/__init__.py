from lifecycle.models.followup import FollowUp
from lifecycle.models.neglect import Neglect, NeglectPolicy
from lifecycle.models.risk import Band, RiskPolicy, RiskScore, Signal
from lifecycle.models.stage import Stage, StageMove, StageReason

__all__ = [
    "Band",
    "FollowUp",
    "Neglect",
    "NeglectPolicy",
    "RiskPolicy",
    "RiskScore",
    "Signal",
    "Stage",
    "StageMove",
    "StageReason",
]
