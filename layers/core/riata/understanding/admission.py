"""Which prompts the embedded backend takes at submit, before anything is charged."""

from riata.domain.options import SeparationOptions
from riata.errors import PromptNotUnderstood
from riata.understanding.understanding import understand


def admit(options: SeparationOptions) -> None:
    """Take what is understood, and what is not where including spans show the sound instead.

    Raises:
        PromptNotUnderstood: the prompt names no known sound, and no span says where it is heard.
        PromptAmbiguous: see :func:`~riata.understanding.understanding.understand`; spans do not make it clearer.
    """
    try:
        understand(options.prompt)
    except PromptNotUnderstood:
        if not any(span.include for span in options.spans):
            raise
