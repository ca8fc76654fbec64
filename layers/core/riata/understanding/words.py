"""The grammar's words: what keeps, what removes, what negates, excepts or only sets the scene."""

KEEP = frozenset(
    """keep keeping isolate isolating isolates extract extracting get getting give hear hearing want need pull
    pulling leave leaving preserve preserving retain save grab soloing enhance enhancing boost focus clean
    restore find fetch show listen highlight like love include target select pick obtain capture recover
    salvage lift rescue bring return learn""".split()
)
SEPARATE = frozenset("separate separating separates split splitting splits divide dividing unmix demix detach".split())
"""Verbs that take two sides: ``split A and the music`` wants A on one side and the music on the other."""

DROP = frozenset(
    """remove removes removing mute mutes muting delete deleting drop dropping suppress suppressing eliminate
    eliminating reduce reducing silence silencing discard discarding strip stripping kill killing cancel cancelling
    canceling hide hiding lose losing ignore exclude ditch ditching erase erasing cut cutting subtract subtracting
    attenuate minimize minimise lower banish scrap omit wipe purge axe nix hate clear rid rm del denoise""".split()
)
DROP_PAIRS = frozenset(
    {("get", "rid"), ("turn", "off"), ("turn", "down"), ("tune", "out"), ("filter", "out"), ("do", "away"),
     ("leave", "out"), ("take", "away"), ("take", "out"), ("take", "off"), ("cut", "out"), ("strip", "out"),
     ("block", "out"), ("edit", "out"), ("rid", "of"), ("throw", "away"), ("clean", "out")}
)  # fmt: skip
"""Two words that remove, also with their object between them: ``take the singing out``."""

PARTICLES = frozenset({"out", "off", "away", "down", "free"})

AFTER_DROP = frozenset(
    """removal remover removers removed reduction reducer suppression suppressor cancellation cancelled canceled muted
    gone silenced off out down free quieter softer deleted stripped elimination""".split()
)
"""Said after the sound they remove: ``applause removal``, ``with the bass muted``."""

AFTER_KEEP = frozenset(
    "isolated isolation isolator extraction extractor extracted solo soloed alone up louder".split()
)

PRONOUNS = frozenset({"it", "them", "him", "her", "that", "this", "those", "these"})

ANOTHER = frozenset({"other", "another"})
TWO = frozenset({"two", "both", "2"})
"""Before a sound they ask for one of several of its kind, which no class can do."""

SPARE = frozenset(
    """touching affecting harming damaging hurting touch affect harm damage hurt changing
    altering""".split()
)
"""What must not happen to a sound that is kept: ``without touching the voice``."""

NEGATION = frozenset({"not", "never", "nor"})
NO = frozenset({"no", "without", "minus", "w/o", "less", "fewer"})
TOO = frozenset({"too"})
"""A complaint (``the vocals are too loud``) says what is heard, not what is asked for."""

EXCEPT = frozenset({"except", "excepting", "excluding", "besides", "save"})
EXCEPT_PAIRS = frozenset({("other", "than"), ("apart", "from"), ("except", "for"), ("aside", "from"),
                          ("different", "from"), ("outside", "of")})  # fmt: skip

ALL = frozenset({"everything", "anything", "all", "rest", "others", "whatever", "remainder", "remaining", "whole"})
NOTHING = frozenset({"nothing", "none"})

ONLY = frozenset({"only", "just"})

AND = frozenset({"and", "&", "+", "or", "plus", "also", "then", "both"})
FROM = frozenset({"from"})
SCENE = frozenset(
    """in over against behind amid within inside on during under underneath through at around near among into to
    than""".split()
)
"""Prepositions after which sounds set the scene: named, but on no side."""

WHILE = frozenset({"while", "when", "whilst", "followed"})
PURPOSE = frozenset({"so", "for", "because", "since", "cause"})
"""What follows says why, up to the next pause; no sound there is asked for."""

BOUNDARY = frozenset({",", ";", ".", "!", "?", ":", "/", "(", ")", "-", "|", "[", "]"})

DETERMINERS = frozenset("the a an all my this that these those his her its their our any some every each".split())

STEMS = frozenset({"stems", "tracks", "parts", "files", "pieces", "layers", "channels", "components"})

FILLERS = frozenset(
    """please pls plz thanks thank you u can could would should will i me my im ive id we to a an the this that these
    those it its it's is are was were be been being purely solely simply really very much including more most hi
    hello hey ok by do does did how what which there here now make making made version his her him our their your
    them they he she us who whom whose some any one ones own same every each 2 two first second third last next new
    old loud loudest quiet quieter soft clear dry wet raw pure single solo live beautiful annoying awful noisy
    distant far close nearby background foreground front back left right center side middle beginning start end high
    low deep big small little long short whole full entire original studio remix cover play playing plays player
    line stem ensemble riff fill lick loop verse intro outro audio sounding like possible possibly able try trying
    help needed wanted go goes going come coming comes passing pass past flying recorded recording outside again
    today also even still almost always maybe else alone together instead kind bit lot lots of as well along keeps
    am away melody melodies chord chords hook hooks sample samples take takes taking has have had heard put""".split()
)
"""Words that change nothing; any other unknown word lowers the confidence."""

FOREIGN = frozenset(
    """le la les el los las der die das den und sans sin ohne nur avec con mit enlever supprimer quitar eliminar
    entfernen isoler aislar isolieren musique musica musik voix voz stimme stimmen gesang chant bruit ruido rauschen
    geräusch solamente seulement tolgo togliere rimuovi rimuovere senza voce remova sem bez uniquement
    batteria schlagzeug klavier gitarre guitare guitarra batterie chanson canción cancion bitte por favor il lo gli una
    uno du des""".split()
)
"""Function words and sound words of other languages: a prompt that has them isn't read with English rules."""

ENGLISH = (
    KEEP
    | SEPARATE
    | DROP
    | EXCEPT
    | frozenset("the my this please without only with from no not and".split())
)
"""Words that show a prompt to be English in spite of a foreign one, say in a name."""
