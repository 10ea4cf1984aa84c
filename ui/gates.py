"""How a gate's state is named: a barrier is triggered or cleared, the last gate is reached or not."""

from __future__ import annotations

from engine.assessment import GateFinding

REACHED, LAST = "reached", "augmentation"


def shown_state(gate: GateFinding) -> str:
    """The state as it is worded and coloured."""
    if gate.code == LAST and gate.state != "open":
        return REACHED if gate.state == "triggered" else "not_reached"
    return gate.state
