"""The words people use for sounds.

Each class has its names and its narrower sounds: a narrower sound is answered with the whole class, and noted
(``snare → drums``). Plurals need not be listed. Phrases are matched before their words.
"""

from typing import NamedTuple

from riata.understanding.classes import AMBIENCE, GUITARS, INSTRUMENTS, MUSIC, VOICES


class Sound(NamedTuple):
    """What a phrase stands for: classes, and whether it names only a part of them."""

    classes: frozenset[str]
    narrower: bool = False


_ONE = {
    "vocals": (
        """vocal, vocals, vox, vocal part, vocal line, vocal stem, singing, singer, sing, sings, sung, singing voice,
        sung vocals, song vocals, singing vocals, acapella, a capella, a cappella, acappella, accapella, acapela,
        acca pella, cappella, vocalist""",
        """lead vocal, lead vox, lead singer, lead voice, main vocal, main singer, backing vocal, backing vox,
        backing singer, background vocal, background singer, backup singer, backup vocal, harmony, vocal harmony,
        harmony vocal, choir, chorale, rap, rapper, rapping, rap vocal, rap verse, ad lib, adlib, soprano, alto voice,
        tenor, baritone, opera singer, opera voice, mezzo soprano, bass singer, bass voice, crooner, yodeling,
        humming voice, chanting monk, female vocal, male vocal, busker singing, frontman""",
    ),
    "speech": (
        """speech, speaker, speaking, spoken, spoken voice, spoken word, speak, speaks, talk, talks, talking, talker,
        dialogue, dialog, dialogs, narrator, narration, narrating, narrate, voiceover, voice over, commentary,
        commentator, conversation, discussion, monologue""",
        """presenter, host, podcaster, announcer, reporter, interviewer, interviewee, interview, lecture, lecturer,
        sermon, preacher, news anchor, anchorman, newsreader, broadcaster, teacher, professor, moderator, audiobook,
        reader, sports commentary, radio host, dj talking, whisper, whispering, whispers, priest, audio guide,
        tour guide, actor, actress, storyteller, storytelling, guest""",
    ),
    "drums": (
        """drum, drums, drum kit, drum set, drumkit, drumset, drumming, drummer, percussion, percussionist, drum track,
        drum part, drum stem, beat, drum beat, drum loop, drum break, drum solo, breakbeat, drum machine""",
        """snare, snare drum, kick, kick drum, bass drum, kickdrum, hi hat, hihat, high hat, hat, cymbal, ride cymbal,
        crash cymbal, cymbal crash, tom, tom tom, floor tom, rimshot, bongo, conga, djembe, tabla, cajon, timpani,
        timpano, kettle drum, tambourine, shaker, maraca, cowbell, triangle, hand clap, handclap, finger snap,
        woodblock, castanet, taiko, bodhran, percussion loop""",
    ),
    "bass": (
        """bass, bass guitar, electric bass, bassline, bass line, bass part, bass player, bassist, bass guitarist,
        bas, bas guitar, base guitar, bass stem""",
        """double bass, upright bass, contrabass, acoustic bass, stand up bass, standup bass, synth bass, sub bass,
        subbass, slap bass, fretless bass, 808 bass, 808, walking bass""",
    ),
    "piano": (
        """piano, pianist, piano part, piano player, piano solo, solo piano, piano chord, piano melody, piano key,
        grand piano, upright piano, pianoforte""",
        """key, keys, keyboard, keyboard part, keyboardist, keyboard player, electric piano, e piano, rhodes,
        fender rhodes, wurlitzer, wurli, harpsichord, clavichord, toy piano, clavinet, honky tonk piano""",
    ),
    "electric_guitar": (
        """electric guitar, e guitar, electric""",
        """distorted guitar, distortion guitar, overdriven guitar, metal guitar, heavy metal guitar, rock guitar,
        fuzz guitar, wah guitar, power chord, shredding guitar, telecaster, stratocaster, les paul""",
    ),
    "acoustic_guitar": (
        """acoustic guitar, acoustic""",
        """classical guitar, nylon guitar, nylon string guitar, spanish guitar, flamenco guitar, fingerpicked guitar,
        fingerstyle guitar, steel string guitar, 12 string guitar, twelve string guitar, folk guitar, ukulele, uke,
        banjo, mandolin, bouzouki, balalaika, oud, lute""",
    ),
    "synthesizer": (
        """synth, synthesizer, synthesiser, synthesizers, synthetizer""",
        """synth pad, pad, synth lead, lead synth, electronic lead, synth arpeggio, arpeggiator, arpeggio, moog,
        theremin, analog synth, supersaw, synth string, synth brass, modular synth, mellotron""",
    ),
    "strings": (
        """string, strings, string section, orchestral string, bowed string, string instrument, string ensemble""",
        """violin, first violin, second violin, violinist, fiddle, fiddler, viola, violist, cello, cellist, celli,
        violoncello, string quartet, string orchestra, harp, harpist, erhu""",
    ),
    "brass": (
        """brass, brass section, horn section, brass instrument, brass band, horn""",
        """trumpet, trumpeter, trumpet player, trombone, trombonist, tuba, french horn, english brass, flugelhorn,
        cornet, bugle, euphonium, sousaphone, muted trumpet""",
    ),
    "woodwind": (
        """woodwind, woodwind section, reed section, woodwind instrument""",
        """flute, flautist, flutist, alto flute, piccolo, saxophone, sax, alto sax, tenor sax, baritone sax,
        soprano sax, alto saxophone, tenor saxophone, saxophonist, sax solo, sax player, clarinet, bass clarinet,
        clarinetist, oboe, oboist, english horn, cor anglais, bassoon, contrabassoon, recorder, kazoo, bagpipe,
        pan flute,
        panpipe, pan pipe, tin whistle, penny whistle, whistle, whistling, ocarina, harmonica, mouth organ, shakuhachi,
        duduk""",
    ),
    "organ": (
        """organ, organist, church organ, pipe organ, hammond organ, hammond, electric organ""",
        """hammond b3, b3 organ, accordion, squeezebox, concertina, bandoneon, harmonium, melodica, reed organ,
        piano accordion, combo organ, farfisa""",
    ),
    "dog": (
        """dog, doggy, dog bark, bark, barks, barking, barked, barking dog, dog barking, hound, pup, puppy, canine""",
        """woof, dog howl, dog howling, howling dog, howl, howling, labrador, poodle, retriever, yelp, yelping,
        growling dog, dog growl, dog whine,
        puppy whining, whining dog, baying, wolf, wolf howl, wolves""",
    ),
    "birds": (
        """bird, birdsong, bird song, bird call, bird sound, birdcall, bird chirp, bird chirping, chirp, chirping,
        chirps, bird singing, birds singing, birds song, singing bird, tweeting, tweeting bird, bird tweet,
        bird tweeting, songbird""",
        """seagull, gull, crow cawing, cawing, caw, crow, raven, rooster, rooster crowing, cock crowing, chicken, hen,
        clucking, duck, quack, quacking, goose, geese, honking geese, owl, hoot, hooting, pigeon, dove, cooing,
        nightingale, blackbird, robin, sparrow, parrot, canary, turkey, cuckoo, woodpecker, robin song,
        blackbird song""",
    ),
    "crowd": (
        """crowd, crowd noise, crowed noise, crowd sound, audience, audience noise, spectator, babble, babble noise,
        hubbub, walla""",
        """applause, applauding, applaud, clapping, audience clapping, crowd clapping, cheer, cheering, cheers, booing,
        crowd singing, crowd chanting, chanting crowd, fans chanting, laugh track, canned laughter, audience
        laughter, crowd laughter,
        laughing audience, background chatter, chatter, chattering, people chattering, people chatting, chatting
        people,
        background talking, background voice, background people, background speech, background conversation,
        people talking in the background, people talking in background, people chattering in the background,
        people chatting in the background, talking in the background, voices in the background,
        people in the background, chatter in the background, cafe noise, cafe sound, restaurant noise,
        restaurant chatter, bar noise, pub noise, stadium noise, stadium crowd, stadium atmosphere, fan
        cheering, cheering fan,
        sports fan, audience noise, party noise, murmur, murmuring, children playing, kids playing, playground,
        crowd of people, crowd of people talking, group of people talking, laughter track""",
    ),
    "weather_water": (
        """wind, wind noise, wind sound, rain, rainfall, rain noise, rain sound, raining, rains, weather, storm, water,
        water sound""",
        """breeze, gust, howling wind, windy, drizzle, downpour, hail, thunder, thunderstorm, thunderclap, rainstorm,
        hurricane, ocean, ocean wave, sea, sea wave, wave, waves crashing, crashing wave, surf, river, stream, creek,
        brook, waterfall, running water, flowing water, water drop, water dripping, dripping, dripping water, drip,
        water splash, splash, splashing, raindrop, rain drop, fountain, shower, tap water, hiss, tape hiss,
        background hiss, static, static noise, white noise, pink noise, rumble, low rumble, rumbling, wind
        rumble, hum, mains hum,
        fan noise, computer fan, fan hum, air conditioner, air conditioning, air conditioner noise, ac noise, ac hum,
        aircon, hvac, room tone, steady noise, mic noise, microphone hiss, whoosh, whooshing""",
    ),
    "vehicles": (
        """vehicle, vehicle noise, traffic, traffic noise, traffic sound, road noise, road traffic, car, car noise""",
        """car engine, engine, engine noise, engine sound, engine revving, revving, motor, boat motor, motor noise,
        car passing, car horn, car honking, honk, honking, horn honking, horn honk, truck horn, train horn,
        bus horn, siren, police siren, ambulance, ambulance siren, fire truck, fire engine, police car, car alarm,
        train, train passing, train whistle, subway, metro train, tram, railway, locomotive, airplane, aeroplane,
        plane, aircraft, jet, jet engine, helicopter, chopper, drone engine, truck, lorry, van, bus, motorcycle,
        motorbike, moped, scooter, tractor, boat, motorboat, ship, highway, freeway, motorway, tire screech,
        tires screeching, bulldozer, excavator, forklift, race car""",
    ),
}

_MANY: tuple[tuple[frozenset[str], str], ...] = (
    (VOICES, """voice, human voice, words, lyric, lyrics, voice track, voice part"""),
    (GUITARS, """guitar, guitarist, guitar player, guitar part, guitar solo, lead guitar, rhythm guitar, guitar riff,
        guitar track, six string, guitar stem, slide guitar, steel guitar, guitar chord, guitar lead, guitar
        melody"""),
    (MUSIC, """music, background music, bgm, backing music, music track, music bed, musical background,
        background song, soundtrack music, band, live band, film music, score"""),
    (INSTRUMENTS, "instrument, musical instrument, all instrument"),
    (frozenset({"drums", "bass"}), "rhythm section"),
    (frozenset({"brass", "woodwind"}), "wind section, wind instrument, wind player"),
    (frozenset({"strings", "brass", "woodwind"}), "orchestra, symphony orchestra, philharmonic, orchestral part"),
    (frozenset({"piano", "organ", "synthesizer"}), "keyboard instrument"),
    (frozenset({"dog", "birds"}), "animal, animal sound, animal noise, wildlife"),
    (frozenset({"birds", "weather_water"}), "nature sound, sounds of nature, nature, nature noise"),
    (frozenset({"crowd", "vehicles"}), """street noise, street sound, city noise, city sound, urban noise,
        urban sound"""),
    (AMBIENCE, """background noise, background sound, ambient noise, ambient sound, ambience, environmental noise,
        environment noise, environmental sound, surrounding noise, background ambience, sound effect, sfx,
        noise in the background"""),
)  # fmt: skip

NOISE = "noise"
"""Names nothing by itself; beside another sound it stands for the whole ambience."""

INSTRUMENTAL = frozenset(
    {
        "instrumental", "instrumental version", "instrumental track", "instrumentals", "karaoke", "karaoke version",
        "karaoke track", "backing track", "backing tracks", "accompaniment", "minus one", "minus one track",
        "music minus one", "playback", "sing along", "sing along track", "off vocal", "backing",
    }
)  # fmt: skip
"""The many names of a song without its voices."""

PERSONS = frozenset(
    """man woman men women guy guys girl girls boy boys lady person people someone somebody male female kid kids
    child""".split()
)
"""Alone they stand for any voice; beside a sound they only say whose it is."""

MIXTURES = frozenset(
    """song track recording audio video clip mix file mp3 wav tune album record tape podcast concert show movie film
    episode footage call meeting zoom session vlog reel bootleg soundtrack sitcom anime
    background foreground scene sound sounds stem stems part parts version performance piece cover memo""".split()
)
"""Nouns for the whole recording, or for the shape of the result: they name no sound of their own."""

SONGS = frozenset({"song", "tune", "soundtrack"})
"""Recordings that stand for all music where another sound is set against them."""

_UNSUPPORTED = {
    ("dog", "birds"): """cat, meow, meows, meowing, kitten, purring, cow, moo, mooing, horse, neigh, galloping,
    sheep, pig,
        goat, frog, croaking, cricket, cicada, insect, bug, bee, mosquito, elephant, lion, tiger, monkey, whale,
        dolphin,
        mouse, rat, snake""",
    ("speech", "crowd"): """baby, crying, baby crying, baby cry, cough, coughs, coughing, sneeze, sneezing,
    snoring, snore,
        breathing, breath, sigh, burp, laughing, laughter, laugh, laughs, giggle, giggling, scream, screaming,
        sob, sobbing,
        footstep, plosive, mouth click, lip smack""",
    ("drums",): """gunshot, gunfire, explosion, firework, bomb, glass breaking, breaking glass, knock, knocking,
        hammer, hammering, marimba, xylophone, vibraphone, glockenspiel, kalimba, handpan, steelpan, steel drum, gong,
        metronome, click track""",
    ("piano",): """keyboard click, keyboard typing, keyboard noise, keyboard sound, key click, key jingling,
    typing, mouse click,
        click, clicks, clicking, celesta, music box""",
    ("vehicles",): """alarm, fire alarm, smoke alarm, alarm clock, phone, ringing, ringtone, phone ringing,
    beep, beeping,
        doorbell, bell, church bell, bell ringing, wind chime, chime, clock, ticking, tick, chainsaw, drill,
        drilling, saw,
        lawnmower, lawn mower, leaf blower, blower, vacuum, vacuum cleaner, dishwasher, printer, door, door slam""",
    ("weather_water",): """fire, crackle, crackles, crackling, vinyl crackle, pop, pops, popping, lightning,
    echo, echoes, reverb,
        reverberation, buzz, buzzing, feedback, distortion, clipping, interference""",
    ("strings", "acoustic_guitar"): "sitar, zither, koto, dulcimer, didgeridoo, hurdy gurdy",
    ("vocals", "piano"): "melody, tv, television, radio, treble",
}
"""Sounds that no class stands for, by the classes nearest to them: known, so that they are neither overlooked nor
corrected to something else."""


def _phrases(listing: str) -> list[tuple[str, ...]]:
    return [tuple(phrase.split()) for phrase in listing.split(",")]


def plural(words: tuple[str, ...]) -> tuple[str, ...]:
    """The regular plural of a phrase, which is that of its last word."""
    *head, last = words
    if last.endswith("y") and last[-2] not in "aeiou":
        return (*head, last[:-1] + "ies")
    return (*head, last + ("es" if last.endswith(("s", "sh", "ch", "x")) else "s"))


def _lexicon() -> dict[tuple[str, ...], Sound]:
    entries: dict[tuple[str, ...], Sound] = {}
    for name, (names, narrower) in _ONE.items():
        for words in _phrases(names):
            entries[words] = Sound(frozenset({name}))
        for words in _phrases(narrower):
            entries.setdefault(words, Sound(frozenset({name}), narrower=True))
    for classes, names in _MANY:
        for words in _phrases(names):
            entries[words] = Sound(classes)
    for words, sound in list(entries.items()):
        entries.setdefault(plural(words), sound)
    return entries


def _unsupported() -> dict[tuple[str, ...], tuple[str, ...]]:
    entries = {words: near for near, listing in _UNSUPPORTED.items() for words in _phrases(listing)}
    return {form: near for words, near in entries.items() for form in (words, plural(words))}


LEXICON = _lexicon()
"""Every phrase, as a tuple of words, with what it stands for."""

UNSUPPORTED = _unsupported()
"""Every phrase for a sound without a class, with the classes nearest to it."""
