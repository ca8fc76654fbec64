"""An upload: pending → uploaded by whoever looks first, expired by time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from riata.domain.files import FileStatus
from riata.domain.media import MAX_DURATION_SECONDS, MAX_FILE_BYTES
from riata.errors import ConditionFailed, FileTooLarge, NotFound, UnsupportedMediaType


def status(world, file):
    return file.status_at(world.clock())


def test_a_new_file_is_pending_with_an_upload_url_bound_to_its_type_and_size(world, ada):
    file, url = world.app.create_file(ada, "song.wav", "audio/wav", 1234)
    assert status(world, file) is FileStatus.PENDING
    assert "type=audio/wav" in url
    assert "size=1234" in url
    assert "expires=3600" in url


def test_a_file_that_is_not_media_by_its_content_type_is_refused(world, ada):
    with pytest.raises(UnsupportedMediaType) as refused:
        world.app.create_file(ada, "notes.txt", "text/plain", 10)
    assert refused.value.param == "content_type"


def test_a_file_beyond_the_limit_is_refused_and_one_at_the_limit_is_not(world, ada):
    world.app.create_file(ada, "song.wav", "audio/wav", MAX_FILE_BYTES)
    with pytest.raises(FileTooLarge):
        world.app.create_file(ada, "song.wav", "audio/wav", MAX_FILE_BYTES + 1)


def test_reading_a_file_before_its_upload_leaves_it_pending(world, ada):
    file = world.pending(ada)
    assert status(world, world.app.read_file(ada, file.file_id)) is FileStatus.PENDING


def test_whoever_reads_a_file_first_finds_it_uploaded(world, ada):
    file = world.uploaded(ada)
    assert status(world, world.app.read_file(ada, file.file_id)) is FileStatus.UPLOADED
    assert world.files.rows[file.file_id].etag == world.objects.head(file.object_key).etag


def test_the_event_marks_a_file_uploaded_and_probes_it(world, ada):
    file = world.uploaded(ada)
    world.app.accept_upload(file.object_key)
    stored = world.files.rows[file.file_id]
    assert status(world, stored) is FileStatus.UPLOADED
    assert stored.media.duration == 12.5


def test_a_repeated_event_changes_nothing_and_probes_once(world, ada):
    file = world.uploaded(ada)
    world.app.accept_upload(file.object_key)
    first = world.files.rows[file.file_id]
    world.clock.advance(60)
    world.app.accept_upload(file.object_key)
    assert world.files.rows[file.file_id] == first
    assert world.probe.calls == 1


def test_what_is_not_media_stays_uploaded_with_the_reason(world, ada):
    file = world.uploaded(ada, b"just text")
    found = world.app.accept_upload(file.object_key)
    assert status(world, found) is FileStatus.UPLOADED
    assert found.media is None
    assert "not audio or video" in found.media_error


def test_audio_beyond_the_longest_duration_is_not_taken(world, ada):
    file = world.uploaded(ada, f"audio {MAX_DURATION_SECONDS + 1}".encode())
    assert "longer than 4 hours" in world.app.accept_upload(file.object_key).media_error


def test_an_object_without_a_file_is_removed(world):
    world.objects.put("uploads/file_unknown", b"audio 1")
    assert world.app.accept_upload("uploads/file_unknown") is None
    assert world.objects.contents == {}


def test_an_object_of_a_deleted_file_is_removed(world, ada):
    file = world.uploaded(ada)
    world.files.rows[file.file_id] = replace(file, deleted_at=world.clock())
    assert world.app.accept_upload(file.object_key) is None
    assert world.objects.contents == {}


def test_a_file_expires_when_nobody_uploads_it(world, ada):
    file = world.pending(ada)
    world.clock.advance(timedelta(hours=1))
    assert status(world, world.app.read_file(ada, file.file_id)) is FileStatus.EXPIRED


def test_an_upload_begun_before_the_expiry_still_counts(world, ada):
    file = world.pending(ada)
    world.clock.advance(timedelta(hours=1, minutes=2))
    world.upload(file)
    assert status(world, world.app.read_file(ada, file.file_id)) is FileStatus.UPLOADED


def test_somebody_elses_file_does_not_exist(world, ada, bob):
    file = world.uploaded(ada)
    with pytest.raises(NotFound):
        world.app.read_file(bob, file.file_id)


@pytest.mark.parametrize("file_id", ["file_unknown", "", "uploads/../x"])
def test_an_unknown_file_does_not_exist(world, ada, file_id):
    with pytest.raises(NotFound):
        world.app.read_file(ada, file_id)


def test_two_who_look_at_once_see_the_same_upload(world, ada):
    file = world.uploaded(ada)
    first = world.app.read_file(ada, file.file_id)
    world.clock.advance(1)
    # The second one read the row while it was still pending.
    second = world.app.read_file.promote(file)
    assert second == first


def test_a_file_replaced_between_promotion_and_probe_is_not_probed_as_the_new_one(world, ada):
    file = world.app.read_file(ada, world.uploaded(ada).file_id)
    world.upload(file, b"audio 99")
    found = world.app.accept_upload(file.object_key)
    assert found.media is None
    assert "replaced" in found.media_error


def test_a_probe_that_lost_the_race_returns_what_the_other_one_found(world, ada):
    file = world.app.read_file(ada, world.uploaded(ada).file_id)
    probed = world.app.accept_upload(file.object_key)
    with pytest.raises(ConditionFailed):
        world.files.record_probe(file, None, "late")
    assert world.app.accept_upload.probe(file) == probed
