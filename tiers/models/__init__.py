from tiers.models.grade import Grade, Trigger
from tiers.models.override import TierOverride
from tiers.models.policy import Basis, Scope, Tier, TierBand, TierPolicy

__all__ = ["Basis", "Grade", "Scope", "Tier", "TierBand", "TierOverride", "TierPolicy", "Trigger"]
