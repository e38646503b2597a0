"""Regimes and settings as dated data: no date or amount of the law stands in code."""

from compliance.policy.loading import load_policy
from compliance.policy.model import Action, Form, Period, Policy, Regime, Stage

__all__ = ["Action", "Form", "Period", "Policy", "Regime", "Stage", "load_policy"]
