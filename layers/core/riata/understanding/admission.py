"""Which prompts the embedded backend takes at submit, before anything is charged."""

from riata.domain.options import SeparationOptions
from riata.errors import PromptNotUnderstood
from riata.understanding.understanding import understand

_WAY_OUT = "Or mark in `spans` where the sound is heard: it is then learnt from there."


def admit(options: SeparationOptions) -> None:
    """Take what is understood, and what is not where including spans show the sound instead.

    Raises:
        PromptNotUnderstood: the prompt names no known sound, and no span says where it is heard.
        PromptAmbiguous: see :func:`~riata.understanding.understanding.understand`; spans do not make it clearer.
    """
    try:
        understand(options.prompt)
    except PromptNotUnderstood as refusal:
        if not any(span.include for span in options.spans):
            raise with_way_out(refusal) from None


def with_way_out(refusal: PromptNotUnderstood) -> PromptNotUnderstood:
    """The refusal of a prompt, which also says what serves where no word does."""
    return PromptNotUnderstood(f"{refusal.message} {_WAY_OUT}", param=refusal.param)
