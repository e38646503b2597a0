"""Sample catalogs of any size whose violations are known exactly, because they were planted."""

from compliance.sample.plan import Plan
from compliance.sample.write import write_sample

__all__ = ["Plan", "write_sample"]
