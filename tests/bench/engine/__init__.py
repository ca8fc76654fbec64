"""The engine's speed and memory beside demucs'; ``make bench-engine`` writes ``engine.json`` and ``engine.md``.

==============  ==========================================================================================
module          concept
==============  ==========================================================================================
`cases`         what is measured
`recordings`    the files that are separated
`subjects`      one case, in a process of its own: ``python -m tests.bench.engine.subjects``
`measure`       start that process and watch its memory
`report`        the figures as a page
==============  ==========================================================================================
"""
