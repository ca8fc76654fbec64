"""`riata.ports.ObjectStore`, by the fake and by S3 alike; and what only S3 can show."""

from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from riata.adapters import aws as clients
from riata.adapters.s3 import S3Objects
from riata.domain.requests import Source
from riata.errors import FileTooLarge, InputChanged, InputMissing
from tests.contract.deployment import REGION
from tests.fakes.objects import FakeObjects

KEY = "uploads/file_1"
CONTENT = bytes(range(256)) * 4096  # 1 MiB, more than one read-ahead
_numbers = count()


@pytest.fixture
def s3(aws):
    """A client and a new bucket."""
    client, bucket = aws("s3"), f"media-{next(_numbers)}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client, bucket


@pytest.fixture(params=["fake", "s3"])
def objects(request):
    return FakeObjects() if request.param == "fake" else S3Objects(*request.getfixturevalue("s3"))


@pytest.fixture
def store(objects, tmp_path):
    """Put bytes under a key; returns their ETag."""

    def put(key=KEY, content=CONTENT, content_type="audio/wav"):
        path = tmp_path / "stored"
        path.write_bytes(content)
        objects.upload(path, key, content_type)
        return objects.head(key).etag

    return put


def test_a_head_tells_size_and_etag_and_none_when_there_is_nothing(objects, store):
    assert objects.head(KEY) is None
    store(content=b"audio")
    assert objects.head(KEY).size == 5


def test_other_bytes_have_another_etag(store):
    assert store(content=b"one") != store(content=b"two") == store(content=b"two")


def test_an_object_is_read_from_wherever_a_reader_jumps_to(objects, store):
    with objects.open(KEY, store()) as reader:
        reader.seek(-10, 2)
        assert reader.read() == CONTENT[-10:]
        reader.seek(300_000)
        assert reader.read(16) == CONTENT[300_000:300_016]
        assert reader.tell() == 300_016
        reader.seek(0)
        assert reader.read() == CONTENT
        assert reader.read() == b""


def test_an_object_is_downloaded_whole(objects, store, tmp_path):
    source = Source(KEY, store(), "audio/wav")
    objects.download(source, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == CONTENT


def test_an_object_that_was_replaced_is_not_read(objects, store, tmp_path):
    etag = store(content=b"the submitted one")
    store(content=b"another one")
    with pytest.raises(InputChanged):
        objects.open(KEY, etag)
    with pytest.raises(InputChanged):
        objects.download(Source(KEY, etag, "audio/wav"), tmp_path / "copy")


def test_an_object_that_is_gone_is_missing(objects, store, tmp_path):
    etag = store()
    objects.delete(KEY)
    with pytest.raises(InputMissing):
        objects.open(KEY, etag)
    with pytest.raises(InputMissing):
        objects.download(Source(KEY, etag, "audio/wav"), tmp_path / "copy")


def test_deleting_twice_is_fine(objects, store):
    store()
    for _ in range(2):
        objects.delete(KEY)
    assert objects.head(KEY) is None


def test_a_prefix_is_deleted_with_everything_below_it_and_nothing_beside_it(objects, store):
    for key in ("outputs/req_1/att_1/target.wav", "outputs/req_1/att_2/target.wav", "outputs/req_11/att_1/target.wav"):
        store(key, b"x")
    objects.delete_prefix("outputs/req_1/")
    assert [objects.head(f"outputs/{name}/target.wav") is None for name in ("req_1/att_1", "req_1/att_2", "req_11/att_1")] == [
        True, True, False,
    ]  # fmt: skip
    objects.delete_prefix("outputs/req_1/")


def test_a_stream_is_stored_as_it_comes_in(objects):
    stored = objects.upload_stream(KEY, "audio/wav", (CONTENT[at : at + 65_536] for at in range(0, len(CONTENT), 65_536)), 2**21)
    assert stored == objects.head(KEY)
    assert stored.size == len(CONTENT)


def test_a_stream_beyond_the_limit_leaves_nothing(objects):
    with pytest.raises(FileTooLarge):
        objects.upload_stream(KEY, "audio/wav", iter([b"x" * 600, b"x" * 600]), 1000)
    assert objects.head(KEY) is None


def test_an_object_replaced_under_an_open_reader_is_noticed(s3, tmp_path):
    client, bucket = s3
    etag = client.put_object(Bucket=bucket, Key=KEY, Body=CONTENT)["ETag"]
    with S3Objects(client, bucket).open(KEY, etag) as reader:
        reader.read(10)
        client.put_object(Bucket=bucket, Key=KEY, Body=CONTENT[::-1])
        reader.seek(900_000)
        with pytest.raises(InputChanged):
            reader.read(10)


def test_a_reader_fetches_a_few_blocks_and_not_the_whole_object(s3):
    client, bucket = s3
    etag = client.put_object(Bucket=bucket, Key=KEY, Body=CONTENT)["ETag"]
    fetched = []
    client.meta.events.register("after-call.s3.GetObject", lambda parsed, **_: fetched.append(parsed["ContentLength"]), "count")
    try:
        with S3Objects(client, bucket).open(KEY, etag) as reader:
            reader.read(100)
            reader.seek(-100, 2)
            reader.read(100)
    finally:
        client.meta.events.unregister("after-call.s3.GetObject", unique_id="count")
    assert sum(fetched) < len(CONTENT) / 2


def test_what_is_uploaded_keeps_its_content_type(s3, tmp_path):
    client, bucket = s3
    (tmp_path / "target.mp3").write_bytes(b"sound")
    S3Objects(client, bucket).upload(tmp_path / "target.mp3", "outputs/target.mp3", "audio/mpeg")
    assert client.head_object(Bucket=bucket, Key="outputs/target.mp3")["ContentType"] == "audio/mpeg"


@pytest.fixture
def presigning(aws, monkeypatch):
    """The clients that the functions use, by endpoint."""
    for name, value in (("AWS_DEFAULT_REGION", REGION), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")):
        monkeypatch.setenv(name, value)

    def objects(endpoint=None):
        if endpoint:
            monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        clients.s3_client.cache_clear()
        return S3Objects(clients.s3_client(endpoint), "media")

    yield objects
    clients.s3_client.cache_clear()


def test_an_upload_url_is_bound_to_type_and_length_and_to_nothing_that_clients_do_not_send(presigning):
    url = urlsplit(presigning().presign_upload(KEY, "audio/wav", 1234, 3600))
    query = parse_qs(url.query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["3600"]
    assert not [name for name in query if "checksum" in name.lower()]


def test_urls_name_the_bucket_by_its_regional_host_on_aws(presigning):
    """A global host redirects PUTs to new buckets."""
    url = urlsplit(presigning().presign_upload(KEY, "audio/wav", 1, 60))
    assert (url.hostname, url.path) == (f"media.s3.{REGION}.amazonaws.com", f"/{KEY}")


def test_urls_name_the_bucket_by_path_on_a_local_cloud(presigning):
    url = urlsplit(presigning("http://127.0.0.1:4566").presign_upload(KEY, "audio/wav", 1, 60))
    assert (url.netloc, url.path) == ("127.0.0.1:4566", f"/media/{KEY}")


@pytest.mark.parametrize("name", ["target.wav", "Für Elise.wav", 'a"; evil=".wav', "a\r\nset-cookie: b.wav"])
def test_a_download_url_names_the_file_and_nothing_else(presigning, name):
    query = parse_qs(urlsplit(presigning().presign_download("outputs/t.wav", name, "audio/wav", 60)).query)
    (disposition,) = query["response-content-disposition"]
    kind, _, quoted = disposition.partition("; ")
    assert (kind, query["response-content-type"]) == ("attachment", ["audio/wav"])
    value = quoted.removeprefix('filename="').removesuffix('"')
    assert unquote(value) == name
    assert not set(value) & set('"\r\n;')
