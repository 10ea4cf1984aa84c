"""What every command shares: exit codes, and what can go wrong as a sentence on stderr."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from engine.assessing import EvaluatorsDisagree, InvalidPatient
from engine.errors import UnusableCall
from engine.mistakes import RuleErrors

DONE_WITH_INVALID_CELLS, UNUSABLE, CHECK_FAILED, INTERRUPTED = 1, 2, 3, 130
NOTHING_WRITTEN = "Stopped. Nothing was written."


@contextmanager
def told_in_words(when_interrupted: Callable[[], str] = lambda: NOTHING_WRITTEN) -> Iterator[None]:
    """What can go wrong, as a sentence on stderr and an exit code. A polite kill counts as Ctrl-C."""
    from engine.verification import VerificationFailed

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except (UnusableCall, InvalidPatient) as error:
        say(str(error))
        raise typer.Exit(UNUSABLE) from error
    except RuleErrors as errors:
        say(f"The rules cannot be used, so nothing was done; mend these first:\n{errors}")
        raise typer.Exit(UNUSABLE) from errors
    except (VerificationFailed, EvaluatorsDisagree) as error:
        say(str(error))
        raise typer.Exit(CHECK_FAILED) from error
    except KeyboardInterrupt as error:
        say(when_interrupted())
        raise typer.Exit(INTERRUPTED) from error
    finally:
        signal.signal(signal.SIGTERM, before)


def say(text: str) -> None:
    """One message on stderr; stdout is for results."""
    typer.echo(text, err=True)
