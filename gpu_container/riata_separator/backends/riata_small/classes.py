"""The sound classes the network knows, and the words people use for them."""

MUSIC = ("piano", "guitar", "bass", "strings", "brass", "woodwind", "organ", "synth", "drums", "vocals")
OTHER = ("speech", "dog", "birds", "crowd", "noise", "vehicle")
CLASSES = MUSIC + OTHER
"""In the order of the network's outputs."""

_INSTRUMENTS = frozenset(MUSIC) - {"vocals"}


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


SYNONYMS = {
    "piano": _phrases("piano, grand piano, upright piano, piano part, electric piano, rhodes, keys, keyboard, pianist"),
    "guitar": _phrases(
        "guitar, acoustic guitar, electric guitar, distorted guitar, lead guitar, rhythm guitar, rock guitar, classical guitar,"
        "guitar solo, guitarist"
    ),
    "bass": _phrases("bass, bass guitar, bassline, bass line, electric bass, synth bass, double bass, upright bass, bassist"),
    "strings": _phrases("strings, violin, viola, cello, fiddle, string section, orchestral strings, string quartet, orchestra"),
    "brass": _phrases("brass, trumpet, trombone, horns, french horn, horn section, brass section, tuba"),
    "woodwind": _phrases("woodwind, flute, saxophone, sax, clarinet, oboe, bassoon, recorder, wind instrument"),
    "organ": _phrases("organ, church organ, pipe organ, hammond organ, hammond, accordion"),
    "synth": _phrases("synth, synthesizer, synth lead, synth pad, pad, electronic lead, arpeggiator"),
    "drums": _phrases(
        "drums, drum kit, drum track, drum loop, percussion, beat, drummer, snare, kick drum, bass drum, cymbals, hi hat"
    ),
    "vocals": _phrases(
        "vocals, vocal, lead vocal, backing vocals, sung vocals, vocal track, singing, singing voice, singer, choir, acapella"
    ),
    "speech": _phrases(
        "speech, speaker, talking, person speaking, man speaking, woman speaking, dialogue, conversation, narrator,"
        "spoken voice, presenter, words, host, interview"
    ),
    "dog": _phrases("dog, dog bark, dog barking, barking, barking dog, puppy, hound, wolf, howling"),
    "birds": _phrases("birds, bird, bird song, birdsong, bird call, birds chirping, chirping, tweeting birds"),
    "crowd": _phrases(
        "crowd, crowd noise, crowd cheering, people chatting, babble, applause, cheering, clapping, audience, restaurant chatter"
    ),
    "noise": _phrases(
        "rain, rainfall, rain noise, wind, wind noise, howling wind, hiss, tape hiss, background hiss, static, white noise,"
        "waterfall, water, stream, river, storm, thunder"
    ),
    "vehicle": _phrases(
        "engine, engine noise, motor, car, car engine, car horn, car noise, truck, motorcycle, traffic, traffic noise,"
        "vehicle noise, siren, police siren, ambulance siren, alarm, helicopter, helicopter noise, airplane, train"
    ),
}

GROUPS = {
    "music": frozenset(MUSIC),
    "background music": frozenset(MUSIC),
    "song": frozenset(MUSIC),
    "instruments": _INSTRUMENTS,
    "accompaniment": _INSTRUMENTS,
    "instrumental": _INSTRUMENTS,
    "voice": frozenset({"speech", "vocals"}),
    "human voice": frozenset({"speech", "vocals"}),
    "noise": frozenset({"noise", "crowd", "vehicle"}),
    "background noise": frozenset({"crowd", "noise", "vehicle", "dog", "birds"}),
    "ambient noise": frozenset({"crowd", "noise", "vehicle"}),
    "street noise": frozenset({"vehicle", "crowd"}),
    "animals": frozenset({"dog", "birds"}),
    "animal sounds": frozenset({"dog", "birds"}),
    "keyboards": frozenset({"piano", "organ", "synth"}),
    "rhythm section": frozenset({"drums", "bass"}),
    "orchestra section": frozenset({"strings", "brass", "woodwind"}),
    "winds": frozenset({"brass", "woodwind"}),
}
"""Phrases that stand for several classes at once."""
