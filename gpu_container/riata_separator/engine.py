"""One file, one prompt or several: decode, chunk, separate, cross-fade, split, encode.

Memory depends on the chunk and not on the file: it is decoded as it is needed, and written as it comes. The file is decoded twice:
first to learn its length, loudness and bit depth (:mod:`~riata_separator.survey`), then to be separated. Several prompts on one
file are decoded once, and analysed once by a backend that can.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from riata.domain.options import SeparationOptions
from riata.errors import Cancelled, SeparationFailed

from .candidates import Excerpt, best_candidate
from .chunking import Plan, chunks, plan
from .memory import give_back
from .mixture import Mixture
from .orders import Order, OutputMedia, SeparationResult
from .pipeline import Pipeline
from .separator import Separator, targets
from .survey import Survey, survey
from .threads import Behind, ahead

__all__ = ["Order", "OutputMedia", "SeparationResult", "chunking_wishes", "separate_file", "separate_together"]

Outcome = SeparationResult | SeparationFailed
"""What became of an order."""

_SURVEYED, _SEPARATED = 0.02, 0.95
"""Progress after the first pass, and after the last chunk."""


def separate_file(
    source: Path,
    destination: Path,
    options: SeparationOptions,
    separator: Separator,
    *,
    progress: Callable[[float], None],
    log: Callable[[str], None],
    cancelled: Callable[[], bool],
    max_seconds: float | None = None,
) -> SeparationResult:
    """Separate ``source`` into ``target`` and ``residual`` files in the folder ``destination``.

    Args:
        source: local file of hostile media.
        destination: see :class:`~riata_separator.orders.Order`, and for ``options``, ``progress``, ``log``, ``cancelled`` too.
        options: prompt and wishes.
        separator: the loaded backend.
        progress: see Order.
        log: see Order.
        cancelled: see Order.
        max_seconds: the longest audio accepted, below the general limit.

    Raises:
        SeparationFailed: in the subclass that says why. Nothing is left in ``destination`` then but unfinished outputs.
    """
    order = Order(options, destination, progress, log, cancelled)
    ((_, outcome),) = separate_together(source, [order], separator, max_seconds=max_seconds)
    if isinstance(outcome, SeparationFailed):
        raise outcome
    return outcome


def chunking_wishes(options: SeparationOptions) -> tuple[float, float]:
    """What prompts must have in common to be separated together: they go through the same chunks."""
    return options.max_chunk_duration, options.chunk_overlap


def separate_together(
    source: Path,
    orders: Sequence[Order],
    separator: Separator,
    *,
    max_seconds: float | None = None,
    threaded: bool = False,
) -> Iterator[tuple[Order, Outcome]]:
    """Separate ``source`` for several orders in one pass, and give each of them with its outcome as soon as it has one.

    An order that fails or is cancelled drops out at the next chunk without disturbing the others.

    Args:
        source: local file of hostile media.
        orders: at least one, all with the same :func:`chunking_wishes`.
        separator: the loaded backend.
        max_seconds: the longest audio accepted, below the general limit.
        threaded: decode ahead of the model and encode behind it, on threads of their own: the memory of one more chunk.
    """
    waiting = list(orders)

    def checkpoint() -> None:
        if all(order.cancelled() for order in waiting):
            raise Cancelled("The request was cancelled.")

    try:
        with closing(_separated(source, orders, separator, max_seconds, threaded, checkpoint)) as outcomes:
            for order, outcome in outcomes:
                waiting.remove(order)
                yield order, outcome
    except SeparationFailed as failure:
        yield from ((order, failure) for order in waiting)


def _separated(
    source: Path,
    orders: Sequence[Order],
    separator: Separator,
    max_seconds: float | None,
    threaded: bool,
    checkpoint: Callable[[], None],
) -> Iterator[tuple[Order, Outcome]]:
    """As :func:`separate_together`; what it raises ends all orders that have no outcome yet."""
    for order in orders:
        order.progress(0.0)
    found = survey(source, max_seconds=max_seconds, checkpoint=checkpoint)
    chunking, notes = _plan(orders[0].options, separator, found)
    excerpt = Excerpt(source, found, separator, checkpoint)
    with ExitStack() as stack:
        pipelines = []
        for order in orders:
            for line in [*_told(found), *notes]:
                order.log(line)
            order.progress(_SURVEYED)
            try:
                begun = best_candidate(order.options, excerpt, order.checkpoint)
                pipelines.append(stack.enter_context(Pipeline(order, *begun, found, chunking)))
            except SeparationFailed as failure:
                yield order, failure
        if not pipelines:
            return
        dropped = set[Order]()
        for order, failure in _written(source, pipelines, separator, found, chunking, threaded, checkpoint):
            dropped.add(order)
            yield order, failure
        for pipeline in pipelines:
            if pipeline.order not in dropped:
                yield pipeline.order, _finished(pipeline, source, separator)


def _written(
    source: Path,
    pipelines: Sequence[Pipeline],
    separator: Separator,
    found: Survey,
    chunking: Plan,
    threaded: bool,
    checkpoint: Callable[[], None],
) -> Iterator[tuple[Order, SeparationFailed]]:
    """Take all pipelines through all chunks; gives those that drop out."""
    mixture = Mixture(source, found, checkpoint)
    pieces = chunks(mixture.blocks(), chunking)
    left = list(pipelines)
    with Behind(threaded=threaded) as behind, closing(ahead(pieces) if threaded else pieces) as coming:
        for chunk, core in zip(coming, chunking.cores(), strict=True):
            for pipeline in [p for p in left if p.order.cancelled()]:
                left.remove(pipeline)
                yield pipeline.order, Cancelled("The request was cancelled.")
            if not left:
                return
            samples = None
            together = left[:]
            for pipeline, target in zip(
                together, targets(separator, [p.separation for p in together], chunk, checkpoint), strict=True
            ):
                try:
                    joined = pipeline.joined(target, chunk, core)
                except SeparationFailed as failure:
                    left.remove(pipeline)
                    yield pipeline.order, failure
                    continue
                samples = mixture.take(joined.shape[1]) if samples is None else samples
                behind(partial(pipeline.write, samples, joined, partial(_tell_progress, pipeline.order)))
            give_back()
        behind.settle()


def _finished(pipeline: Pipeline, source: Path, separator: Separator) -> Outcome:
    try:
        result = pipeline.result(source, separator)
    except SeparationFailed as failure:
        return failure
    pipeline.order.progress(1.0)
    return result


def _tell_progress(order: Order, share: float) -> None:
    order.progress(_SURVEYED + (_SEPARATED - _SURVEYED) * share)


def _plan(options: SeparationOptions, separator: Separator, found: Survey) -> tuple[Plan, list[str]]:
    summary = found.summary
    duration, overlap = chunking_wishes(options)
    return plan(
        summary.total, summary.sample_rate, summary.channels, duration=duration, overlap=overlap,
        context=separator.context, stride=separator.stride,
    )  # fmt: skip


def _told(found: Survey) -> Iterator[str]:
    summary, form = found.summary, found.format
    yield (
        f"Decoded {summary.total / summary.sample_rate:.2f} s of {form.codec} in {form.container}: "
        f"{summary.sample_rate} Hz, {summary.channels} channel{'s' if summary.channels > 1 else ''}."
    )
    if found.damaged:
        yield f"{found.damaged} damaged packets were skipped."
