"""Which files of the acquired sources are single notes of which instrument, and which hits of which drum.

File name patterns name: n note letter, o octave, m MIDI number, i index of semitones from an unknown start, l dynamic,
v velocity layer. Octave names differ from set to set (is the middle C C3 or C4?), so `note_library` measures every pitch.
"""

from dataclasses import dataclass

SHARE = r"(?P<n>[A-Ga-g](?:#|b|sharp|s)?)(?P<o>-?\d)"
DISCORD = "discord/Discord GM/Melodic/"
KEYS = "keyboardia/app/public/instruments/"
CHROMATIC, VERSILIAN = "forbidden/public/audio/chromatic/", "versilian/samples/"
IOWA, MIDI = "iowa/", r"-(?P<m>\d{2,3})[-.]"
HERTZ = r"^(?:\d+_)?\d+\.\d"


@dataclass(frozen=True)
class NoteSet:
    """One recorded instrument: class, name, whether its notes are sustained, files, file-name pattern, longest note (s)."""

    label: str
    name: str
    sustained: bool
    files: str
    pattern: str
    longest: float = 4.0
    split: str = "train"


def _phil(folder: str, articulation: str) -> tuple[str, str]:
    """Files and pattern of one orchestral instrument; phrases and gliding dynamics are left out."""
    pattern = rf"_{SHARE}_(?:025|05|1|15|long|very-long)_(?P<l>pianissimo|piano|mezzo-piano|mezzo-forte|forte|fortissimo)_"
    return f"philharmonia/audio/{folder}/*_{articulation}.mp3", pattern


NOTE_SETS = (
    NoteSet("piano", "splendid", False, "splendid/Samples/*.flac", rf"^(?P<l>PP|Mp|Mf|FF) {SHARE}\.", 6),
    NoteSet("piano", "headroom_close", False, "headroom/Samples/*CLOSE*.flac", r"LEVEL(?P<v>\d) CLOSE (?P<m>\d+)\.", 6),
    NoteSet("piano", "headroom_far", False, "headroom/Samples/*DECCA*.flac", r"LEVEL(?P<v>\d) DECCA (?P<m>\d+)\.", 6),
    NoteSet("piano", "honky_tonk", False, "pianofb/samples/*.ogg", rf"^{SHARE}", 6),
    NoteSet("piano", "upright", False, DISCORD + "002-*/*.wav", rf"Sus_{SHARE}_", 6),
    NoteSet("piano", "cp80", False, "epianos/CP80/Samples/*.flac", r"^(?P<m>\d{3})-.*-(?P<l>PP|MP|F|FF)\.", 5),
    NoteSet("piano", "pianet", False, "epianos/Pianet T/Samples/*.flac", rf"_{SHARE}_(?P<l>P|F|FF)\.", 4),
    NoteSet("piano", "wurlitzer", False, "epianos/Wurlitzer EP200/Samples/*.flac", rf"^{SHARE}(?P<l>p|mp|mf|f)\.", 5),
    NoteSet("piano", "upright_kw", False, "uprightkw/samples/*.flac", rf"^{SHARE}v", 5),
    NoteSet("piano", "fm_piano", False, "fmpiano/samples/*.flac", rf"^{SHARE}v", 5),
    NoteSet("piano", "salamander", False, "salamander/Discord GM/Melodic/001-*/*.wav", rf"^{SHARE}v", 6, "held"),
    NoteSet("electric_guitar", "black", False, "blackgreen/Samples/black/ord/*.wav", rf"twang_{SHARE}_(?P<l>p|mf|f)_"),
    NoteSet("electric_guitar", "green", False, "blackgreen/Samples/green/ord/*.wav", rf"twang_{SHARE}_(?P<l>p|mf|f)_"),
    NoteSet("electric_guitar", "black_mute", False, "blackgreen/Samples/black/stac/*.wav", rf"staccato_{SHARE}_", 2),
    NoteSet("electric_guitar", "green_mute", False, "blackgreen/Samples/green/stac/*.wav", rf"staccato_{SHARE}_", 2),
    NoteSet("electric_guitar", "emily", False, "emily/notes/*.wav", rf"^{SHARE}_(?P<l>p|mp|mf|f)_"),
    NoteSet("electric_guitar", "fsbs_distorted", False, "fsbsdist/samples/*.flac", rf"^{SHARE}_s\d", 5),
    NoteSet("electric_guitar", "fsbs_clean", False, "fsbsclean/samples/*.flac", rf"^{SHARE}_s\d", 5),
    NoteSet("electric_guitar", "fsbs_direct", False, "eguitardirect/samples/*.flac", rf"^{SHARE}_s\d", 5),
    NoteSet("electric_guitar", "fsbs_distorted2", False, "eguitardist2/samples/*.flac", rf"^{SHARE}_s\d", 5),
    NoteSet("electric_guitar", "shiny_electric", False, "shiny/Samples/electric/*_2.wav", rf"^{SHARE}_(?P<l>vl\d)_", 4, "held"),
    NoteSet("acoustic_guitar", "martin", False, DISCORD + "026-*/*.wav", r"^MartinGM2_(?P<m>\d{3})_", 5),
    NoteSet("acoustic_guitar", "spanish", False, "spanish/samples/*.flac", rf"^{SHARE}\.", 5),
    NoteSet("acoustic_guitar", "ganjo", False, "ganjo/Common/*.wav", rf"- {SHARE}[_.]", 4),
    NoteSet("acoustic_guitar", "maaseide", False, "chordcrack/*.m4a", r"^[A-G]\d_fret", 5),
    NoteSet("acoustic_guitar", "allan", False, "allanguitar/client/src/data/guitar_sounds/*.mp3", r"^[A-G]", 5),
    NoteSet("acoustic_guitar", "shiny_acoustic", False, "shiny/Samples/acoustic/*_1.wav", rf"^{SHARE}_(?P<l>vl\d)_", 4, "held"),
    NoteSet("acoustic_guitar", "phil_nylon", False, *_phil("guitar", "normal"), 5, "held"),
    NoteSet("bass", "growly", False, "growly/sustain/*.wav", rf"^{SHARE}_(?P<l>pp|f|ff)_"),
    NoteSet("bass", "growly_slap", False, "growly/staccato/*.wav", rf"^{SHARE}_stacc", 2),
    NoteSet("bass", "swag", False, "swag/notes/*.wav", rf"^{SHARE}_(?P<l>[a-z]+\d?)_"),
    NoteSet("bass", "killer", False, DISCORD + "034-*/*.wav", rf"bass_{SHARE}_(?P<l>vl\d)"),
    NoteSet("bass", "meat_plucked", False, "meat/Samples/pizz/*.wav", rf"^{SHARE}_(?P<l>vl\d)_"),
    NoteSet("bass", "fashion", False, "fashionbass/notes/*", rf"^{SHARE}_(?P<l>pp|p|mp|mf|f)_"),
    NoteSet("bass", "sneaky", False, "sneakybass/Samples/pluck/*.wav", rf"_{SHARE}_pluck", 4),
    NoteSet("bass", "synth_bass1", False, "synthbass1/samples/*.flac", rf"^{SHARE}\."),
    NoteSet("bass", "synth_bass2", False, "synthbass2/samples/*.flac", rf"^{SHARE}\."),
    NoteSet("bass", "lately", False, "latelybass/samples/*.wav", rf"^{SHARE}\."),
    NoteSet("bass", "yr_fingers", False, "bassyr/samples/finger/*.flac", r"^[A-G]"),
    NoteSet("bass", "yr_plectrum", False, "bassyr/samples/pick/*.flac", r"^[A-G]"),
    NoteSet("bass", "ergo", False, "ergo/ergo/pizz/*.wav", rf"^{SHARE}_\d_(?P<l>p|mf|f)\."),
    NoteSet("bass", "big_little", False, "biglittle/Samples/*.wav", rf"_{SHARE}_(?P<l>p|f)_"),
    NoteSet("bass", "fettuccine", False, "pasta/samples/fetuccine/*.wav", rf"^{SHARE}_(?P<l>vl\d)_", 4, "held"),
    NoteSet("bass", "tagliatelle", False, "pasta/samples/tagliatelle/*.wav", rf"^{SHARE}_(?P<l>vl\d)_", 4, "held"),
    NoteSet("bass", "rubner_plucked", False, "doublebass/pizz/*.wav", rf"^pizz_{SHARE}_(?P<l>p|m|f)[a-d]\.", 4, "held"),
    NoteSet("strings", "meat_bowed", True, "meat/Samples/arco/*.wav", rf"^{SHARE}_(?P<l>vl\d)_"),
    NoteSet("strings", "violin", True, "tonejs/samples/violin/*.mp3", rf"^{SHARE}\."),
    NoteSet("strings", "vsco_section", True, KEYS + "string-section/*.m*", rf"^{SHARE}\.", 6),
    NoteSet("strings", "tremolo", True, DISCORD + "045-*/*.wav", rf"TremStr_{SHARE}", 5),
    NoteSet("strings", "pizzicato", False, DISCORD + "046-*/*.wav", rf"PizzStr_{SHARE}", 3),
    NoteSet("strings", "cello", True, "bigcat/Samples/sus/*.wav", rf"^{SHARE}_(?P<l>p|mp|mf|f)_"),
    NoteSet("strings", "cello_short", False, "bigcat/Samples/staccato/*.wav", rf"^{SHARE}_(?P<l>p|mp|mf|f)_", 2),
    NoteSet("strings", "cello_plucked", False, "bigcat/Samples/pizzcato/*.wav", rf"^{SHARE}_", 3),
    NoteSet("strings", "blackheart", True, "cyborgs/Samples/blackheart/*.wav", rf"^{SHARE}\."),
    NoteSet("strings", "zinc", True, "cyborgs/Samples/zinc/**/*.wav", rf"^{SHARE}[_.]"),
    NoteSet("strings", "erhu", True, "erhu/Samples/sus/*.wav", rf"^erhu_{SHARE}_"),
    NoteSet("strings", "erhu_short", False, "erhu/Samples/stac/*.wav", rf"^erhu_{SHARE}_", 2),
    NoteSet("strings", "ergo_bowed", True, "ergo/ergo/arco/*.wav", rf"^{SHARE}_\d_(?P<l>p|mf|f)\."),
    NoteSet("strings", "violin_section", True, CHROMATIC + "violin_section/*.wav", HERTZ, 5),
    NoteSet("strings", "vsco_violin", True, VERSILIAN + "vsco2-violin-arcvib/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("strings", "vsco_violins_section", True, VERSILIAN + "vsco2-violins-susvib/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("strings", "vsco_cello", True, VERSILIAN + "vsco2-cello-susvib-f/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("strings", "vsco_cellos_section", True, VERSILIAN + "vsco2-cellos-susvib-mp/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("strings", "vsco_contrabass", True, VERSILIAN + "vsco2-contrabass-susvib/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("strings", "iowa_violin", True, IOWA + "violin/*.flac", MIDI, 5),
    NoteSet("strings", "iowa_viola", True, IOWA + "viola/*.flac", MIDI, 5),
    NoteSet("strings", "iowa_cello", True, IOWA + "cello/*.flac", MIDI, 5),
    NoteSet("strings", "iowa_contrabass", True, IOWA + "double-bass/*.flac", MIDI, 5),
    NoteSet("strings", "rubner_bowed", True, "doublebass/arco/*.wav", rf"^arco_{SHARE}_(?P<l>pp|p|mf|f)_", 4, "held"),
    NoteSet("strings", "phil_cello", True, *_phil("cello", "arco-normal"), 4, "held"),
    NoteSet("brass", "tuba", True, "wartuba/Samples/*_cnd.wav", rf"^{SHARE}_s_(?P<l>vl\d)_", 4),
    NoteSet("brass", "vsco_horn", True, KEYS + "french-horn/*.m4a", rf"^{SHARE}-(?P<l>soft|loud)", 5),
    NoteSet("brass", "trumpet", True, "tonejs/samples/trumpet/*.mp3", rf"^{SHARE}\.", 5),
    NoteSet("brass", "old_trombone", True, CHROMATIC + "old_trombone/*.wav", HERTZ, 5),
    NoteSet("brass", "vsco_trumpet", True, VERSILIAN + "vsco2-trumpet-sus-*/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("brass", "vsco_trombone", True, VERSILIAN + "vsco2-trombone-sus-mf/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("brass", "vsco_tuba", True, VERSILIAN + "vsco2-tuba-sus-mf/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("brass", "iowa_trumpet", True, IOWA + "trumpet/*.flac", r"^trumpet", 5),
    NoteSet("brass", "iowa_horn", True, IOWA + "french-horn/*.flac", MIDI, 5),
    NoteSet("brass", "iowa_trombone", True, IOWA + "tenor-trombone/*.flac", MIDI, 5),
    NoteSet("brass", "iowa_bass_trombone", True, IOWA + "bass-trombone/*.flac", MIDI, 5),
    NoteSet("brass", "phil_trombone", True, *_phil("trombone", "normal"), 4, "held"),
    NoteSet("brass", "phil_horn", True, *_phil("french horn", "normal"), 4, "held"),
    NoteSet("woodwind", "alto_close", True, "weresax/Samples/alto/*cnd.wav", rf"^{SHARE}_(?P<l>p|f)_"),
    NoteSet("woodwind", "alto_far", True, "weresax/Samples/alto/*dnm.wav", rf"^{SHARE}_(?P<l>p|f)_"),
    NoteSet("woodwind", "baritone_growly", True, "bearsax/Samples/*.wav", rf"^{SHARE}_(?P<l>vl\d)_"),
    NoteSet("woodwind", "soprano", True, "solosax/*/Samples/sop_*.flac", r"sop_(?P<l>p|f)_(?P<i>\d+)\."),
    NoteSet("woodwind", "alto", True, "solosax/*/Samples/alt_*.flac", r"alt_(?P<l>p|f)_(?P<i>\d+)\."),
    NoteSet("woodwind", "tenor", True, "solosax/*/Samples/ten_*.flac", r"ten_(?P<l>p|f)_(?P<i>\d+)\."),
    NoteSet("woodwind", "baritone", True, "solosax/*/Samples/bar_*.flac", r"bar_(?P<l>p|m|f)_(?P<i>\d+)\."),
    NoteSet("woodwind", "flute", True, "ixox/Samples/nor_*.flac", r"^nor_(?P<l>p|m|f)_\d_\d\."),
    NoteSet("woodwind", "vsco_flute", True, VERSILIAN + "vsco2-flute-susvib/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("woodwind", "vcsl_tenor", True, VERSILIAN + "vcsl-tenor-sax-vib/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("woodwind", "bassoon", True, CHROMATIC + "bassoon/*.wav", HERTZ, 5),
    NoteSet("woodwind", "ocarina", True, "ocarina/library/Samples/*.flac", rf"^{SHARE}[_.]", 4),
    NoteSet("woodwind", "iowa_oboe", True, IOWA + "oboe/*.flac", MIDI, 5),
    NoteSet("woodwind", "iowa_clarinet", True, IOWA + "clarinet/*.flac", MIDI, 5),
    NoteSet("woodwind", "iowa_bass_clarinet", True, IOWA + "bass-clarinet/*.flac", MIDI, 5),
    NoteSet("woodwind", "iowa_bassoon", True, IOWA + "bassoon/*.flac", MIDI, 5),
    NoteSet("woodwind", "iowa_alto_flute", True, IOWA + "alto-flute/*.flac", MIDI, 5),
    NoteSet("woodwind", "iowa_bass_flute", True, IOWA + "bass-flute/*.flac", MIDI, 5),
    NoteSet("woodwind", "iowa_soprano_sax", True, IOWA + "soprano-saxophone/*.flac", MIDI, 5),
    NoteSet("woodwind", "iowa_alto_sax", True, IOWA + "alto-saxophone/*.flac", MIDI, 5),
    NoteSet("woodwind", "harmonica", True, "basicharmonica/samples/harmonica_?.flac", r"^harmonica", 5),
    NoteSet("woodwind", "phil_flute", True, *_phil("flute", "normal"), 4, "held"),
    NoteSet("woodwind", "phil_clarinet", True, *_phil("clarinet", "normal"), 4, "held"),
    NoteSet("woodwind", "phil_oboe", True, *_phil("oboe", "normal"), 4, "held"),
    NoteSet("woodwind", "phil_bassoon", True, *_phil("bassoon", "normal"), 4, "held"),
    NoteSet("woodwind", "phil_saxophone", True, *_phil("saxophone", "normal"), 4, "held"),
    NoteSet("organ", "drawbar", True, KEYS + "hammond-organ/*.m*", rf"^{SHARE}\.", 6),
    NoteSet("organ", "transistor_flutes", True, "caveman/Samples/flutes_*.wav", rf"_{SHARE}\."),
    NoteSet("organ", "transistor_clarinet", True, "caveman/Samples/clarinet_*.wav", rf"_{SHARE}\."),
    NoteSet("organ", "transistor_trompette", True, "caveman/Samples/trompette_*.wav", rf"_{SHARE}\."),
    NoteSet("organ", "transistor_violin", True, "caveman/Samples/violin_*.wav", rf"_{SHARE}\."),
    NoteSet("organ", "accordion", True, "accordionhn/Button*.flac", rf"HN {SHARE}\.", 6),
    NoteSet("synthesizer", "bass_lead", True, "synthbasslead/samples/*.flac", rf"^{SHARE}\.", 5),
    NoteSet("synthesizer", "string_pad1", True, "synthstrings1/samples/*.flac", rf"^{SHARE}\.", 6),
    NoteSet("synthesizer", "string_pad2", True, "synthstrings2/samples/*", r"^(?P<m>\d+)\.", 6),
    NoteSet("synthesizer", "brass_pad", True, "synthbrass/samples/*", rf"^{SHARE}\.", 5),
    NoteSet("synthesizer", "choir_pad", True, "synthchoir/samples/*", rf"^{SHARE}\.", 6),
    NoteSet("synthesizer", "square_lead", True, "synthsquare/samples/*", rf"^{SHARE}\.", 4),
    NoteSet("synthesizer", "calliope", True, "calliope/samples/*", rf"^{SHARE}\.", 4),
    NoteSet("synthesizer", "new_age", True, "newage/samples/*", rf"^{SHARE}\.", 6),
    NoteSet("vocals", "claudia", True, IOWA + "claudia-*/*.flac", MIDI, 5),
    NoteSet("vocals", "mirko", True, IOWA + "mirko-*/*.flac", MIDI, 5),
    NoteSet("vocals", "sven", True, IOWA + "sven-*/*.flac", MIDI, 5),
    NoteSet("other", "harp", False, "harp/library/Samples/Harp/*.flac", rf"_{SHARE}_v", 5),
    NoteSet("other", "vsco_harp", False, VERSILIAN + "vsco2-harp/*.wav", rf"^{SHARE}\.", 5),
    NoteSet("other", "celtic_harp", False, CHROMATIC + "celtic_harp/*.wav", HERTZ, 5),
    NoteSet("other", "harpsichord", False, CHROMATIC + "harpsichord/*.wav", HERTZ, 4),
    NoteSet("other", "cithara", False, "cithara/Samples/*/*.wav", rf"^cithara_{SHARE}_", 4),
    NoteSet("other", "hang", False, "hang/samples/*.flac", rf"^{SHARE}_", 4),
    NoteSet("other", "squidpipes", True, "squidpipes/Samples/long*/*.wav", rf"^{SHARE}_"),
    NoteSet("other", "vibraphone", False, KEYS + "vibraphone/*.m*", rf"^{SHARE}", 4),
    NoteSet("other", "marimba", False, KEYS + "marimba/*.m*", rf"^{SHARE}", 3),
    NoteSet("other", "kalimba", False, KEYS + "kalimba/*.m*", rf"^{SHARE}", 3),
    NoteSet("other", "steel_drum", False, "steeldrum/**/*.flac", r"_(?P<m>\d{3})_", 3),
    NoteSet("other", "lyre", False, "horsepulse/Samples/*/*.wav", rf"^{SHARE}_(?P<l>p|mp|f|nail)_", 4),
    NoteSet("other", "sitar", False, DISCORD + "105-*/*.flac", r"^Ssld", 4),
    NoteSet("other", "shanai", True, DISCORD + "112-*/*.flac", r"^Shn(?P<i>\d+)", 4),
    NoteSet("other", "phil_banjo", False, *_phil("banjo", "normal"), 4, "held"),
    NoteSet("other", "phil_mandolin", False, *_phil("mandolin", "normal"), 4, "held"),
)

PIECE_OF_NOTE = {
    35: "kick", 36: "kick", 37: "stick", 38: "snare", 40: "snare", 39: "clap", 42: "hat", 44: "hat", 46: "open",
    49: "crash", 57: "crash", 55: "crash", 52: "crash", 51: "ride", 53: "ride", 59: "ride",
    41: "tom", 43: "tom", 45: "tom", 47: "tom", 48: "tom", 50: "tom", 54: "shaker", 70: "shaker", 69: "shaker",
    82: "shaker", 56: "bell",
}  # fmt: skip
"""General MIDI drum note → piece of a kit."""

INSTEAD = {
    "open": "hat", "ride": "hat", "crash": "open", "stick": "snare", "clap": "snare", "shaker": "hat", "bell": "ride",
}  # fmt: skip
"""What is hit when a kit lacks a piece."""

_ACOUSTIC = KEYS + "acoustic-{0}/*.m4a"
_808 = "tr808/{0}/*.WAV"
_PHIL = "philharmonia/audio/percussion/"
_SONIC = "sonic-pi-samples/**/"
_GOGODZE = "gogodze/Samples/{1}_mic/{0}_*.wav"
_AUDIOPHOB = "hydrogen-drumkits/**/Audiophob/"
_VCSL = "vcsldrums/website/public/samples/vcsl/{0}s/Struck%20{0}s/{1}*"
_STRUCK, _SKIN = _VCSL.format("Idiophone", "{}"), _VCSL.format("Membranophone", "{}")
_FUGUE, _KARORYFER = "stargate/stargate-sample-pack/fugue-state-audio/drums/", "stargate/stargate-sample-pack/karoryfer/"
_WORLD, _UZU = "worldpercussion/samples/", "uzudrumkit/{}/*.wav"

KITS = {
    "virtuosity": {
        "kick": _ACOUSTIC.format("kick"), "snare": _ACOUSTIC.format("snare"), "hat": _ACOUSTIC.format("hihat-closed"),
        "open": _ACOUSTIC.format("hihat-open"), "crash": _ACOUSTIC.format("crash"), "ride": _ACOUSTIC.format("ride"),
    },
    "tr808": {
        "kick": _808.format("bd8"), "snare": _808.format("sd8"), "hat": _808.format("ch8"), "open": _808.format("oh8"),
        "clap": _808.format("cp8"), "tom": _808.format("?t8"), "crash": _808.format("cy8"), "bell": _808.format("cb8"),
        "shaker": _808.format("ma8"),
    },
    "body": {
        "kick": "body/Samples/body/*tomp*.wav", "snare": "body/Samples/body/handclap*.wav",
        "hat": "body/Samples/body/*snap*.wav", "open": "body/Samples/body/fingerclap*.wav",
        "tom": "body/Samples/body/chestthump*.wav", "ride": "body/Samples/body/cheek*.wav",
    },
    "sonic": {
        "kick": _SONIC + "bd_*.flac", "snare": _SONIC + "sn_*.flac", "hat": _SONIC + "drum_cymbal_closed.flac",
        "open": _SONIC + "drum_cymbal_open.flac", "tom": _SONIC + "drum_tom_*.flac", "crash": _SONIC + "drum_splash_*.flac",
    },
    "tabla": {
        "kick": _SONIC + "tabla_ghe*.flac", "snare": _SONIC + "tabla_na*.flac", "hat": _SONIC + "tabla_te*.flac",
        "tom": _SONIC + "tabla_tun*.flac", "crash": _SONIC + "tabla_ke*.flac",
    },
    "audiophob": {
        "kick": _AUDIOPHOB + "*[Kk]ick*", "snare": _AUDIOPHOB + "*[Ss]nare*", "hat": _AUDIOPHOB + "*[Hh]at*",
        "tom": _AUDIOPHOB + "*[Tt]om*", "clap": _AUDIOPHOB + "*[Cc]lap*",
    },
    "versilian": {
        "kick": _SKIN.format("Bass%20Drum%20?/*hit"), "snare": _SKIN.format("Snare%20Drum%2C%20Modern%20?/*HitSN"),
        "stick": _SKIN.format("Snare%20Drum%2C%20Modern%20?/*im"), "tom": _SKIN.format("Tom%20?/**/*Hit"),
        "hat": _STRUCK.format("Hi-Hat%20Cymbal/*HitC"), "open": _STRUCK.format("Hi-Hat%20Cymbal/*HitLoose"),
        "crash": _STRUCK.format("Suspended%20Cymbal%20?/*hit_[!b]"), "ride": _STRUCK.format("Suspended%20Cymbal%20?/*bell"),
        "clap": _STRUCK.format("Claps/"), "bell": _STRUCK.format("Cowbells/"), "shaker": _STRUCK.format("Tambourine%20?/"),
    },
    "versilian_hands": {
        "kick": _SKIN.format("Conga/"), "snare": _SKIN.format("Bongos/"), "tom": _SKIN.format("Darbuka/"),
        "stick": _STRUCK.format("Claves/"), "hat": _STRUCK.format("Shaker%2C%20Small/"), "bell": _STRUCK.format("Agogo%20Bells/"),
        "open": _STRUCK.format("Cabasa/"), "shaker": _STRUCK.format("Shaker%2C%20Large/"),
    },
    "karoryfer_close": {
        "kick": _KARORYFER + "kicks/*.wav", "snare": "frankensnare/Samples/1[0-4]*_basic/top/*.flac",
        "hat": _KARORYFER + "hihats/*[_ct]*[dt].wav", "open": _KARORYFER + "hihats/*open*.wav",
        "crash": _KARORYFER + "cymbals/crash*.wav", "ride": _KARORYFER + "cymbals/ride*.wav", "tom": _KARORYFER + "toms/*.wav",
    },
    "karoryfer_far": {
        "kick": _KARORYFER + "kicks/*.wav", "snare": "frankensnare/Samples/*_basic/oh/*_rr[12].flac",
        "hat": _KARORYFER + "hihats/*[_ct]*[dt].wav", "open": _KARORYFER + "hihats/*open*.wav",
        "crash": _KARORYFER + "cymbals/crash*.wav", "ride": _KARORYFER + "cymbals/ride*.wav", "tom": _KARORYFER + "toms/*.wav",
    },
    "fugue": {
        "kick": _FUGUE + "kicks/*.wav", "snare": _FUGUE + "snares/*.wav", "hat": _FUGUE + "hihats/*clsd*.wav",
        "open": _FUGUE + "hihats/*open*.wav", "crash": _FUGUE + "cymbals/*crash*.wav", "ride": _FUGUE + "cymbals/*ride*.wav",
        "tom": _FUGUE + "toms/*.wav", "clap": _FUGUE + "claps/*.wav",
    },
    "world": {
        "kick": _WORLD + "CajonFlamenco/*", "snare": _WORLD + "Darbuka/*", "tom": _WORLD + "*Conga/*",
        "hat": _WORLD + "EggShaker/*", "shaker": _WORLD + "Maracas/*", "clap": _WORLD + "HandClap/*",
        "stick": _WORLD + "Claves/*", "open": _WORLD + "Tambourine/*",
    },
    "uzu": {
        "kick": _UZU.format("bd"), "snare": _UZU.format("sd"), "hat": _UZU.format("hh"), "open": _UZU.format("oh"),
        "crash": _UZU.format("cr"), "ride": _UZU.format("rd"), "tom": _UZU.format("[hml]t"), "clap": _UZU.format("cp"),
        "stick": _UZU.format("rim"),
    },
    "orchestral": {
        "kick": _PHIL + "bass drum/*_*struck-singly.mp3", "snare": _PHIL + "snare drum/*_025_*.mp3",
        "hat": _PHIL + "tambourine/*_0*hand.mp3", "open": _PHIL + "sleigh bells/*_05_*.mp3",
        "crash": _PHIL + "clash cymbals/*.mp3", "ride": _PHIL + "triangle/*singly.mp3", "tom": _PHIL + "t*-*/*05*.mp3",
        "bell": _PHIL + "cowbell/*_*damped.mp3",
    },
}  # fmt: skip
KITS |= {
    f"gogodze_{microphone}": {
        "kick": _GOGODZE.format("ks", microphone), "snare": _GOGODZE.format("s[ce]", microphone),
        "stick": _GOGODZE.format("ss", microphone), "hat": _GOGODZE.format("h[ct]", microphone),
        "open": _GOGODZE.format("ho", microphone), "tom": _GOGODZE.format("t[hml]", microphone),
    }
    for microphone in ("front", "oh", "retro", "wndw")
}  # fmt: skip
"""One kit, each microphone a room of its own."""
HELD_KITS = frozenset({"orchestral"})

MULDJORD_PIECES = {
    "KdrumL": "kick", "KdrumR": "kick", "Snare": "snare", "HihatClosed": "hat", "HihatOpen": "open", "CrashL": "crash",
    "CrashR": "crash", "China": "crash", "RideL": "ride", "RideR": "ride", "Tom1": "tom", "Tom2": "tom", "Tom3": "tom",
    "Tom4": "tom",
}  # fmt: skip
MULDJORD_CLOSE = {"Snare": "Snare_top", "HihatClosed": "Hihat", "HihatOpen": "Hihat"}
MULDJORD_BALANCES = {"muld_close": (1.0, 0.35, 0.1), "muld_over": (0.15, 1.0, 0.3), "muld_room": (0.1, 0.5, 1.0)}
"""The same kit heard three ways: gains of the close, overhead and room microphones."""
