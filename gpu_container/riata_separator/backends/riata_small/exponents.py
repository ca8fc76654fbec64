"""The numbers with which the product of experts is formed; they are fitted together with the network's weights."""

import json
from dataclasses import asdict, dataclass

from riata.errors import BackendUnavailable

METADATA_KEY = "fusion"


@dataclass(frozen=True, slots=True)
class Exponents:
    """How much each expert's word counts for each kind of class. The defaults are the plain product of experts.

    Attributes:
        voice_vocals: On singing, of the share that the voice expert takes.
        voice_speech: On speech, likewise.
        voice_animals: On dogs and birds, which it hears as voice.
        voice_music: On instruments, of the share that it leaves.
        voice_ambient: On crowds, weather and vehicles, of one half: the expert says nothing about them.
        speech_speech: On speech, of the share that the speech expert takes.
        speech_others: On everything but speech and singing, of the share that it leaves.
        certainty: On the odds of what the prompt names, where the product finds much of it. Below 1, the mask is less decided.
        unsure: The same where little is found: what is missed is lost entirely, so the mask leans to the mixture.
        prior: Added to the log odds of what the prompt names, for a prompt tells that it is probably there.
        presence: Level in dB against the window's mixture: what the plain product finds less of is likely absent.
        silencing: Taken from the log odds of what is absent.
        voice_certainty: On the odds of any voice, however much is found: the experts tell.
        voice_prior: Added to the log odds of any voice.
        voice_followed: How far, 0…1, the mask of any voice follows the voice expert alone: it knows voices better than the network.
        ear_doubt: How much less a class counts, in powers of e, for each unit of presence below ``ear_sure``.
        ear_sure: Presence from which the ear takes nothing from a class.
        ear_found: What each decibel at which the mask lets through what is named adds to its presence.
        ear_heard: Presence, with that, from which what is named is likely there. The default: everything is.
        ear_absent: Presence below which it is surely not.
        ear_hushed: Level in dB against the window's mixture at which what is named and not heard comes: no louder, and, but where
            it is surely absent, no quieter.
        ear_kept: Level in dB than which what is heard comes no quieter.
    """

    voice_vocals: float = 1.0
    voice_speech: float = 1.0
    voice_animals: float = 1.0
    voice_music: float = 1.0
    voice_ambient: float = 1.0
    speech_speech: float = 1.0
    speech_others: float = 1.0
    certainty: float = 1.0
    unsure: float = 1.0
    prior: float = 0.0
    presence: float = -120.0
    silencing: float = 8.0
    voice_certainty: float = 1.0
    voice_prior: float = 0.0
    voice_followed: float = 0.0
    ear_doubt: float = 0.0
    ear_sure: float = 0.0
    ear_found: float = 0.0
    ear_heard: float = -20.0
    ear_absent: float = -20.0
    ear_hushed: float = -120.0
    ear_kept: float = -120.0

    @classmethod
    def of(cls, metadata: dict[str, str]) -> "Exponents":
        """Those that a file of weights names, or the defaults.

        Raises:
            BackendUnavailable: they are not numbers of these names.
        """
        try:
            named = json.loads(metadata.get(METADATA_KEY, "{}"))
            return cls(**{name: float(value) for name, value in named.items()})
        except (ValueError, TypeError, AttributeError) as error:
            raise BackendUnavailable(f"The weights of riata-small name exponents that are none: {error}") from error

    def as_metadata(self) -> dict[str, str]:
        """For a file of weights."""
        return {METADATA_KEY: json.dumps({name: round(value, 3) for name, value in asdict(self).items()})}


PLAIN = Exponents()
"""The plain product."""
