"""Should this vertebral compression fracture be treated with balloon kyphoplasty or vertebroplasty, what stands in the way, and why?

    from engine import assess, score, load_rules
"""

from engine.assessing import EvaluatorsDisagree, InvalidPatient, assess
from engine.assessment import Assessment
from engine.loading import load_rules
from engine.mistakes import RuleErrors
from engine.scoring import score

__all__ = ["Assessment", "EvaluatorsDisagree", "InvalidPatient", "RuleErrors", "assess", "load_rules", "score"]
