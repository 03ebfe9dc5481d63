"""The object store's program and the suite's side of it: signatures, bounds, and who may read."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from grader.exam.faults import Mismatch, PlatformFault
from grader.exam.services.objects import Objects
from grader.services.double import admission
from grader.services.double.http import HttpRequest
from grader.services.objects import bucket as kept
from grader.services.objects import signatures
from grader.services.objects.bucket import bucket_of
from tests.unit.services.programs import PASSWORD, RunningProgram, exchange, free_port

USER, SECRET = "EXAM0123456789ABCDEF", "secret-1"
BUCKET = bucket_of(USER)
ENTITY = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
ODD = "a b/ü+&=?%2f;~x.txt"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningProgram]:
    from grader.services.objects.store import Store  # moto takes its time to load

    monkeypatch.setattr(admission, "ANYWHERE", "127.0.0.1")
    port = free_port()
    running = RunningProgram(Store(PASSWORD, port), port)
    running.order("reset", user=USER, password=SECRET)
    yield running
    running.order("reset")  # moto keeps what it has for the whole process
    running.close()


@pytest.fixture
def objects(server: RunningProgram) -> Objects:
    return Objects(server.call, server.told | {"url": url(server), "bucket": BUCKET})


@pytest.fixture
def s3(server: RunningProgram) -> Any:
    return client(server)


def url(server: RunningProgram, port: int = 0) -> str:
    return f"http://127.0.0.1:{port or server.port}"


@cache
def session() -> Any:
    """Return boto3's session: it reads what S3 is, a megabyte of JSON, once."""
    import boto3

    return boto3.session.Session()


def client(
    server: RunningProgram, user: str = USER, secret: str = SECRET, *, port: int = 0,
    version: str = "s3v4",
) -> Any:  # fmt: skip
    """What most apps have."""
    from botocore.client import Config

    config = Config(signature_version=version, retries={"total_max_attempts": 1})
    return session().client(
        "s3", endpoint_url=url(server, port), region_name="us-east-1", config=config,
        aws_access_key_id=user, aws_secret_access_key=secret,
    )  # fmt: skip


def refused(code: str) -> Any:
    return pytest.raises(ClientError, match=code)


def anonymously(server: RunningProgram, target: str, method: str = "GET") -> int:
    return exchange(server.port, method, target)[0]


def signed(
    server: RunningProgram, method: str, target: str, body: bytes, *, sent: bytes | None = None
) -> int:
    """Send what no library sends, signed as it should be; return the status."""
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {
        "host": f"127.0.0.1:{server.port}", "x-amz-date": at,
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    scope = f"{at[:8]}/us-east-1/s3/aws4_request"
    names = tuple(sorted(headers))
    asked = HttpRequest(method=method, target=target, headers=headers, body=body, host="", port=0)
    found = signatures.Signature(key=USER, scope=scope, names=names, signed="", at=at)
    proof = signatures.expected(asked, found, SECRET).decode()
    headers["Content-Type"] = "application/x-www-form-urlencoded"  # as urllib has it
    headers["Authorization"] = (
        f"{signatures.ALGORITHM} Credential={USER}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={proof}"
    )
    return exchange(server.port, method, target, body if sent is None else sent, headers)[0]


# -- what it holds -----------------------------------------------------------------------------


def test_what_is_stored_is_told_and_given_back(s3: Any, objects: Objects) -> None:
    before = time.time() - 1
    s3.put_object(
        Bucket=BUCKET, Key=ODD, Body=b"hello", ContentType="text/plain", Metadata={"Owner": "ada"}
    )
    (found,) = objects.list("a b/")
    assert (found.key, found.size, found.content_type) == (ODD, 5, "text/plain")
    assert found.metadata == {"owner": "ada"}
    assert before < found.at < time.time() + 1
    assert objects.read(ODD) == b"hello"
    assert s3.get_object(Bucket=BUCKET, Key=ODD)["Body"].read() == b"hello"
    assert s3.head_object(Bucket=BUCKET, Key=ODD)["ContentLength"] == 5
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="a b")
    assert [one["Key"] for one in listed["Contents"]] == [ODD]
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [BUCKET]
    s3.delete_object(Bucket=BUCKET, Key=ODD)
    assert not objects.exists(ODD)
    methods = [(one.method, one.code, one.how) for one in objects.requests()]
    assert methods[0] == ("PUT", 200, "header")
    assert methods[-1] == ("DELETE", 204, "header")


def test_what_the_suite_stores_is_given_back(s3: Any, objects: Objects) -> None:
    objects.put("x", b"hello", "text/plain")
    found = s3.get_object(Bucket=BUCKET, Key="x")
    assert (found["Body"].read(), found["ContentType"]) == (b"hello", "text/plain")
    s3.copy_object(Bucket=BUCKET, Key="y", CopySource={"Bucket": BUCKET, "Key": "x"})
    assert [one.key for one in objects.wait_for(count=2)] == ["x", "y"]


def test_a_file_comes_in_parts(s3: Any, objects: Objects) -> None:
    """And nothing is written to the disk."""
    made = s3.create_multipart_upload(Bucket=BUCKET, Key="big")["UploadId"]
    parts = []
    for number, content in ((1, b"x" * 6_000_000), (2, b"end")):
        where = {"Bucket": BUCKET, "Key": "big", "UploadId": made, "PartNumber": number}
        parts.append({"PartNumber": number, "ETag": s3.upload_part(**where, Body=content)["ETag"]})
    s3.complete_multipart_upload(
        Bucket=BUCKET, Key="big", UploadId=made, MultipartUpload={"Parts": parts}
    )
    assert objects.read("big") == b"x" * 6_000_000 + b"end"


def test_what_is_not_there_is_said(s3: Any, objects: Objects) -> None:
    with pytest.raises(Mismatch, match="an object 'x'; the bucket is empty"):
        objects.read("x")
    s3.put_object(Bucket=BUCKET, Key="\x1b[2Jy", Body=b"")
    with pytest.raises(Mismatch, match=r"should have come within 0.1 s; there are 1: ") as lost:
        objects.wait_for("a", count=2, within=0.1)
    assert "\x1b" not in str(lost.value)
    with refused("NoSuchKey"):
        s3.get_object(Bucket=BUCKET, Key="none")


# -- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_address_holds_for_a_while(
    version: str, server: RunningProgram, s3: Any, objects: Objects,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    s3.put_object(Bucket=BUCKET, Key=ODD, Body=b"hello", ContentType="text/plain")
    what = {"Bucket": BUCKET, "Key": ODD, "ResponseContentType": "text/x-a"}
    given = client(server, version=version).generate_presigned_url("get_object", what, ExpiresIn=60)
    found = objects.fetch(given)
    assert (found.status, found.content) == (200, b"hello")
    assert found.headers["content-type"] == "text/x-a"
    assert objects.requests()[-1].how == "query"
    assert objects.fetch(given.replace("a%20b", "a%20c")).status == 403
    assert objects.fetch(given.replace("text", "texts")).status == 403
    assert anonymously(server, given.removeprefix(url(server)), "DELETE") == 403
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert objects.fetch(given).status == 403
    assert server.order("refusals")["refusals"][0]["guessed"] is True


@pytest.mark.parametrize(
    "address",
    [
        "http://elsewhere.example/x", "file:///etc/passwd", "/x", "//[::1/x", "", "http://a@{}/x",
        "{}/x y", "{}/x\r\nX: y", "{}.example/x", "{}/ü",
    ],
)  # fmt: skip
def test_an_address_that_leads_elsewhere_is_not_fetched(
    address: str, server: RunningProgram, objects: Objects
) -> None:
    with pytest.raises(Mismatch, match="It should be an address of the object store"):
        objects.fetch(address.format(url(server)))
    assert objects.requests() == []


def test_nobody_reads_but_who_is_let(server: RunningProgram, s3: Any, objects: Objects) -> None:
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"hello")
    assert not objects.is_public("x")
    for query in ("Signature=", "x=Signature=", "X-Amz-Signature=", "acl", "versionId=null"):
        assert anonymously(server, f"/{BUCKET}/x?{query}") in {400, 403}
    s3.put_object_acl(Bucket=BUCKET, Key="x", ACL="public-read")
    assert objects.is_public("x")
    for method in ("PUT", "DELETE", "POST"):
        assert anonymously(server, f"/{BUCKET}/x", method) == 403
    assert objects.read("x") == b"hello"
    assert not objects.is_listed()
    s3.put_bucket_acl(Bucket=BUCKET, ACL="public-read")
    assert objects.is_listed()


def test_a_policy_lets_everybody_read(s3: Any, objects: Objects) -> None:
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"hello")
    rule = {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    assert objects.is_public("x")


def test_a_wrong_key_is_refused_and_noted(server: RunningProgram) -> None:
    with refused("SignatureDoesNotMatch"):
        client(server, secret="wrong").list_objects_v2(Bucket=BUCKET)
    with refused("InvalidAccessKeyId"):
        client(server, user="EXAMOTHER").list_objects_v2(Bucket=BUCKET)
    assert [(one["user"], one["guessed"]) for one in server.order("refusals")["refusals"]] == [
        (USER, True), (USER, False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=x",
        "Bearer x",
        "AWS x:y",
        "\xff",
        (
            f"AWS4-HMAC-SHA256 Credential={USER}/a/b/s3/aws4_request, SignedHeaders=host, "
            "Signature=\xff"
        ),
    ],
)
def test_a_signature_that_is_none_is_refused(said: str, server: RunningProgram) -> None:
    headers = {"Authorization": said, "X-Amz-Date": "now"}
    assert exchange(server.port, "GET", f"/{BUCKET}", None, headers)[0] in {400, 403}


def test_a_request_of_yesterday_is_refused(
    server: RunningProgram, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2000)
    with refused("RequestTimeTooSkewed"):
        s3.list_objects_v2(Bucket=BUCKET)


def test_a_body_that_was_changed_is_refused(server: RunningProgram, objects: Objects) -> None:
    assert signed(server, "PUT", f"/{BUCKET}/x", b"hello", sent=b"HELLO") == 400
    assert signed(server, "PUT", f"/{BUCKET}/y", b"hello") == 200
    assert objects.read("y") == b"hello"
    assert [one.key for one in objects.list()] == ["y"]


def test_there_is_one_bucket_and_nothing_else(server: RunningProgram, s3: Any) -> None:
    with refused("AccessDenied"):
        s3.create_bucket(Bucket="another")
    with refused("AccessDenied"):
        s3.get_object(Bucket="another", Key="x")
    with refused("NotImplemented"):
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={})
    with refused("NotImplemented"):
        s3.put_bucket_replication(
            Bucket=BUCKET,
            ReplicationConfiguration={
                "Role": "x",
                "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::x"}}],
            },
        )
    for target in (
        "/moto-api/reset",
        "/moto-api/data.json",
        "/latest/meta-data/",
        "/",
        "//x",
        "/%00",
    ):
        for host in ("iam.amazonaws.com", "another.s3.amazonaws.com", "x"):
            headers = {"Host": host, "X-Moto-Account-Id": "123456789012"}
            assert exchange(server.port, "POST", target, b"Action=ListUsers", headers)[0] == 403


def test_the_host_chooses_no_bucket(server: RunningProgram, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"hello", ACL="public-read")
    headers = {"Host": f"{BUCKET}.s3.amazonaws.com"}
    assert exchange(server.port, "GET", "/x", None, headers)[0] == 403
    headers["X-Moto-Account-Id"] = "123456789012"
    assert exchange(server.port, "GET", f"/{BUCKET}/x", None, headers)[2] == b"hello"


# -- bounds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", ["KEPT_WRITES", "KEPT_BYTES"])
def test_more_than_is_kept_is_the_app_s_loss(
    bound: str, s3: Any, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, bound, 3 if bound == "KEPT_WRITES" else 100)
    with refused("SlowDown"):
        for number in range(4):
            s3.put_object(Bucket=BUCKET, Key=f"k{number}", Body=b"x" * 30)
    with pytest.raises(Mismatch, match="more than the exam keeps"):
        objects.list()


def test_copies_count(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT_BYTES", 100)
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"x" * 60)
    with refused("SlowDown"):
        s3.copy_object(Bucket=BUCKET, Key="y", CopySource={"Bucket": BUCKET, "Key": "x"})


@pytest.mark.parametrize(
    "body",
    [b"<x>" * 80_000, b"<a>" * 200_000, b"\xff", b"", ENTITY],
)
def test_a_body_that_is_no_xml_harms_nobody(
    body: bytes, server: RunningProgram, s3: Any, objects: Objects
) -> None:
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"hello")
    for query in ("acl", "tagging", "delete", "uploads"):
        method = "PUT" if query in {"acl", "tagging"} else "POST"
        signed(server, method, f"/{BUCKET}/x?{query}=", body)
    assert objects.read("x") == b"hello"


def test_it_is_busy_slow_and_gone(server: RunningProgram, s3: Any, objects: Objects) -> None:
    objects.refuse(1)
    with pytest.raises(ClientError, match=r"SlowDown|503"):
        s3.put_object(Bucket=BUCKET, Key="x", Body=b"")
    objects.drop(1)
    with pytest.raises(BotoCoreError):
        s3.put_object(Bucket=BUCKET, Key="y", Body=b"")
    objects.drop(1, kept=False)
    with pytest.raises(BotoCoreError):
        s3.put_object(Bucket=BUCKET, Key="z", Body=b"")
    assert [one.key for one in objects.list()] == ["y"]
    objects.delay(0.2)
    began = time.monotonic()
    s3.list_objects_v2(Bucket=BUCKET)
    assert time.monotonic() - began >= 0.2
    objects.begin_test()
    assert [one.code for one in objects.requests()] == [503, 0, 0, 200]


# -- tenants, outages --------------------------------------------------------------------------


def test_a_reset_leaves_nothing(server: RunningProgram, s3: Any, objects: Objects) -> None:
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"hello", ACL="public-read")
    server.order("reset", user="EXAMNEXT", password="secret-2")
    assert objects.list() == []
    assert objects.requests() == []
    assert anonymously(server, f"/{BUCKET}/x") == 403
    with refused("InvalidAccessKeyId"):
        s3.list_objects_v2(Bucket=BUCKET)
    following = client(server, "EXAMNEXT", "secret-2")
    assert [one["Name"] for one in following.list_buckets()["Buckets"]] == [bucket_of("EXAMNEXT")]


def test_a_guest_has_a_bucket_of_its_own(server: RunningProgram, s3: Any, objects: Objects) -> None:
    port = server.order("guest", user="EXAMGUEST", password="secret-2")["port"]
    guest = client(server, "EXAMGUEST", "secret-2", port=port)
    guest.put_object(Bucket=bucket_of("EXAMGUEST"), Key="x", Body=b"of the guest")
    assert [one["Name"] for one in guest.list_buckets()["Buckets"]] == [bucket_of("EXAMGUEST")]
    assert objects.list() == []
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"hello", ACL="public-read")
    for one, bucket in ((guest, BUCKET), (s3, bucket_of("EXAMGUEST"))):
        with refused("AccessDenied"):
            one.get_object(Bucket=bucket, Key="x")
    with refused("AccessDenied|NoSuchBucket|NoSuchKey"):
        source = {"Bucket": BUCKET, "Key": "x"}
        guest.copy_object(Bucket=bucket_of("EXAMGUEST"), Key="y", CopySource=source)


def test_it_is_stopped_and_started(server: RunningProgram, s3: Any, objects: Objects) -> None:
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"hello")
    server.stop()
    with pytest.raises(PlatformFault, match="did not answer"):
        objects.list()
    with pytest.raises((OSError, http.client.HTTPException)):
        anonymously(server, "/")
    server.do(server.program.listen())
    assert objects.read("x") == b"hello"


def test_the_bounds_fit_each_other() -> None:
    """What the suite stores and reads goes through as one request."""
    from grader.exam.services.objects import LARGEST
    from grader.services.objects import store

    assert LARGEST < store.BODY_BYTES
