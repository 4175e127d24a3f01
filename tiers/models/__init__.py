from tiers.models.grade import Grade, Trigger
from tiers.models.override import TierOverride
from tiers.models.policy import Basis, Scope, Tier, TierBand, TierPolicy
from tiers.models.proposal import TierProposal
from tiers.models.review import Review, ReviewLine
from tiers.models.rfm import RfmPolicy, RfmScore
from tiers.models.strategy import Strategy

__all__ = [
    "Basis",
    "Grade",
    "Review",
    "ReviewLine",
    "RfmPolicy",
    "RfmScore",
    "Scope",
    "Strategy",
    "Tier",
    "TierBand",
    "TierOverride",
    "TierPolicy",
    "TierProposal",
    "Trigger",
]
