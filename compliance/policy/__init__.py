"""Regimes and settings as dated data: no date or amount of the law stands in code."""

from compliance.policy.loading import load_policy
from compliance.policy.model import Form, Period, Policy, Regime
from compliance.policy.settings import Action, Stage

__all__ = ["Action", "Form", "Period", "Policy", "Regime", "Stage", "load_policy"]
