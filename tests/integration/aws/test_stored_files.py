"""`riata.ports.Files`, by the fakes and by DynamoDB alike."""

from datetime import timedelta

import pytest

from riata.domain.media import MediaInfo
from riata.errors import ConditionFailed
from tests.integration.aws import samples
from tests.integration.aws.samples import ETAG, NOW

MEDIA = MediaInfo("wav", "pcm_s16le", 12.345_678_9, 2, 44_100, True)


def test_a_file_is_read_as_it_was_stored(stores):
    stores.files.add(samples.file())
    assert stores.files.get("file_1") == samples.file()
    assert stores.files.get("file_2") is None


def test_an_id_is_used_once(stores):
    stores.files.add(samples.file())
    with pytest.raises(ConditionFailed):
        stores.files.add(samples.file(tenant="bob"))
    assert stores.files.get("file_1").tenant == "ada"


def test_a_file_is_uploaded_once(stores):
    stores.files.add(samples.file())
    stores.files.mark_uploaded(samples.file(), ETAG, NOW)
    with pytest.raises(ConditionFailed):
        stores.files.mark_uploaded(samples.file(), '"another"', NOW + timedelta(seconds=1))
    assert stores.files.get("file_1") == samples.file(uploaded_at=NOW, etag=ETAG)


def test_a_file_that_is_not_there_or_deleted_is_not_uploaded(stores):
    with pytest.raises(ConditionFailed):
        stores.files.mark_uploaded(samples.file(), ETAG, NOW)
    stores.files.add(samples.file())
    stores.files.mark_deleted("file_1", NOW)
    with pytest.raises(ConditionFailed):
        stores.files.mark_uploaded(samples.file(), ETAG, NOW)


@pytest.mark.parametrize(("media", "error"), [(MEDIA, None), (None, "it is not audio")])
def test_a_probe_is_recorded_once(stores, media, error):
    stores.files.add(samples.file())
    stores.files.mark_uploaded(samples.file(), ETAG, NOW)
    seen = stores.files.get("file_1")
    stores.files.record_probe(seen, media, error)
    with pytest.raises(ConditionFailed):
        stores.files.record_probe(seen, None, "another opinion")
    assert stores.files.get("file_1") == samples.file(uploaded_at=NOW, etag=ETAG, media=media, media_error=error)


def test_a_probe_of_other_bytes_is_not_recorded(stores):
    stores.files.add(samples.file())
    stores.files.mark_uploaded(samples.file(), ETAG, NOW)
    with pytest.raises(ConditionFailed):
        stores.files.record_probe(samples.file(etag='"another"'), MEDIA, None)


def test_a_deleted_file_is_a_tombstone_due_for_disposal(stores):
    stores.files.add(samples.file())
    stores.files.mark_deleted("file_1", NOW)
    with pytest.raises(ConditionFailed):
        stores.files.mark_deleted("file_1", NOW)
    assert stores.files.get("file_1").deleted_at == NOW
    assert list(stores.files.due_for_disposal(NOW, 10)) == ["file_1"]


def test_a_file_that_was_never_there_is_not_deleted(stores):
    with pytest.raises(ConditionFailed):
        stores.files.mark_deleted("file_1", NOW)


def test_a_file_in_use_is_not_deleted(stores):
    stores.files.add(samples.file())
    stores.files.mark_uploaded(samples.file(), ETAG, NOW)
    stores.requests.submit(samples.request(file_id="file_1"), None)
    assert stores.files.get("file_1").open_requests == 1
    with pytest.raises(ConditionFailed):
        stores.files.mark_deleted("file_1", NOW)


def test_media_goes_at_the_end_of_its_retention_oldest_first(stores):
    for number, hours in ((1, 24), (2, 12), (3, 36)):
        stores.files.add(samples.file(f"file_{number}", delete_after=NOW + timedelta(hours=hours)))
    assert list(stores.files.due_for_disposal(NOW + timedelta(hours=24), 10)) == ["file_2", "file_1"]
    assert list(stores.files.due_for_disposal(NOW + timedelta(hours=24), 1)) == ["file_2"]
    for _ in range(2):
        stores.files.disposed("file_2")
    assert list(stores.files.due_for_disposal(NOW + timedelta(hours=24), 10)) == ["file_1"]
