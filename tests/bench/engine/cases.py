"""What is measured: lengths, accelerations, and requests at the same time."""

from dataclasses import dataclass

ALONE, WITH_EXPERTS, DEMUCS = "riata-small", "riata-small + experts", "demucs"
SYSTEMS = (ALONE, WITH_EXPERTS, DEMUCS)

PROMPTS = {
    ALONE: ("separate the piano from the guitar", "separate the drums from the bass", "separate the strings from the brass"),
    WITH_EXPERTS: ("isolate the speaker", "the lead vocal", "remove the music"),
}
"""Prompts that the class separator serves by itself, and prompts that ask both experts or one of them."""


@dataclass(frozen=True)
class Case:
    """``requests`` recordings of ``seconds``, or as many prompts on one of them when ``one_file``; all wait at the same time."""

    table: str
    system: str
    seconds: float
    requests: int = 1
    acceleration: str = "balanced"
    one_file: bool = False

    @property
    def audio_seconds(self) -> float:
        """What is separated in total."""
        return self.seconds * self.requests


def cases(*, quick: bool) -> list[Case]:
    """In the order of their cost: who runs out of time has the most of the figures."""
    lengths, tried, short = ((10, 30), 30, 5) if quick else ((10, 180, 600, 3600, 10_800), 180, 10)
    crowds = (1, 4) if quick else (1, 4, 16)
    usual = [Case("lengths", system, seconds) for seconds in lengths for system in SYSTEMS]
    usual = [case for case in usual if case.system != DEMUCS or case.seconds != 600]
    quicker = [
        Case("accelerations", system, tried, acceleration=acceleration)
        for acceleration in ("fast", "balanced", "quality")
        for system in (ALONE, WITH_EXPERTS)
    ]
    crowd = [Case("requests", system, short, requests) for requests in crowds for system in (ALONE, DEMUCS)]
    crowd += [Case("requests", ALONE, short, requests, one_file=True) for requests in crowds]
    return sorted([*quicker, *crowd, *usual], key=lambda case: case.audio_seconds * (10 if case.system == DEMUCS else 1))
