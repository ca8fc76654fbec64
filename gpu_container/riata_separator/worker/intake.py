"""Which messages a worker takes together: those that wait with other prompts on the same file.

Whatever else comes out of the queue on the way goes back at once, untouched, so that no other worker waits for it. The queue is
only searched when the file is known to have other open requests: every delivery counts towards the dead-letter queue.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from riata.domain.media import MAX_DURATION_SECONDS
from riata.domain.requests import Request
from riata.errors import Unavailable
from riata.log import log
from riata.ports import Files, WorkMessage, WorkQueue
from riata.usecases.work import Claim, Claimed
from riata_separator.engine import chunking_wishes

LOOK_SECONDS = 1
"""How long to wait for the other prompts on a file; those who want several stems ask for them one right after the other."""

LOOKED_AT = 4
"""Messages taken out of the queue at a time to see whether they go along. A queue of ten thousand, out of which messages come in no
order, is thereby looked through some 4 · ln(10,000) = 37 times before its last one is worked on; the hundredth delivery is fatal.
"""


@dataclass(frozen=True)
class Intake:
    """Finds companions for a claimed request: at most ``most`` together, it included."""

    queue: WorkQueue
    claim: Claim
    files: Files
    most: int

    def companions(self, claimed: Claimed) -> Iterator[tuple[WorkMessage, Claimed]]:
        """Messages of requests that go with it, each with its own claim."""
        room = self._room(claimed.request) - 1
        try:
            while room > 0:
                found = 0
                for message in self.queue.receive_many(LOOKED_AT, LOOK_SECONDS):
                    companion = self._claimed(message, claimed.request) if found < room else None
                    if companion is None:
                        self.queue.extend(message, 0)
                    else:
                        found += 1
                        yield message, companion
                room = room - found if found else 0
        except Unavailable as error:
            # It can be separated without them. What was received and not claimed comes back by its visibility timeout.
            log("no companions", level="warning", request_id=claimed.request.request_id, error=str(error))

    def _room(self, request: Request) -> int:
        """How many go together. A request that a worker has died over goes alone: it may take others down with it.

        The outputs of all of them together are no larger than those of the longest file.
        """
        if self.most <= 1 or request.crashes or request.source.file_id is None:
            return 1
        file = self.files.get(request.source.file_id)
        waiting = file.open_requests if file is not None else 1
        return min(self.most, waiting, int(MAX_DURATION_SECONDS / max(request.duration, 1.0)))

    def _claimed(self, message: WorkMessage, first: Request) -> Claimed | None:
        row = self.claim.requests.get(message.request_id)
        if row is None or row.crashes or row.lease_until is not None or _pass(row) != _pass(first):
            return None
        claimed = self.claim(message.request_id, message.generation)
        return claimed if isinstance(claimed, Claimed) else None


def _pass(request: Request) -> object:
    """What requests must have in common to go through their file in one pass."""
    return request.source, request.duration, chunking_wishes(request.options)
