"""Proof from outside of when a plan was there: a token of RFC 3161, stored beside it.

An authority for timestamps signs the plan's hash with the time at which it saw it. Only the hash
leaves this machine. Anybody can check the token: here, or by
`openssl ts -verify -digest HASH -in plans/HASH.tsr -CAfile ROOTS`.
"""

import re
import ssl
import urllib.request
import warnings
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validation.records import files
from validation.trial.identity import canonical
from validation.trial.plan import Plan

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

PATIENCE = 20.0
"""Seconds that an authority may take to answer."""
CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
CLOCKS = timedelta(minutes=1)
"""What the authority's clock and this machine's may differ by."""


def token_path(out: Path, name: str) -> Path:
    return out / "plans" / f"{name}.tsr"


def stamp(out: Path, plan: Plan, url: str) -> str:
    """Have a plan's hash signed by the authority at an address; a sentence on what came of it.

    A token that is there stays. Without an answer the run goes on without one, and it is said.
    ValueError without the library, or for an address that is none.
    """
    client = _library()
    if not url.startswith(("https://", "http://")):
        raise ValueError(
            f"timestamp={url!r} is no address of an authority (https://... or http://...); such as "
            "http://timestamp.digicert.com"
        )
    path = token_path(out, plan.name)
    if path.exists():
        return f"The plan has a timestamp already, {path.name}."
    request = (
        client.TimestampRequestBuilder()
        .data(_text(plan))
        .hash_algorithm(client.HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .nonce(nonce=True)
        .build()
    )
    call = urllib.request.Request(
        url, request.as_bytes(), {"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(call, timeout=PATIENCE) as answer:
            content = answer.read()
        token = client.decode_timestamp_response(content)
        info = token.tst_info
    except (OSError, ValueError) as error:
        reason = " ".join(str(getattr(error, "reason", error)).split()) or type(error).__name__
        return f"The plan could not be timestamped: {url} gave no token ({reason})."
    if info.nonce != request.nonce or info.message_imprint.message.hex() != plan.name:
        return f"The plan could not be timestamped: the token of {url} is of something else."
    files.write(path, content)
    return f"The plan was timestamped by {url}: {info.gen_time.isoformat()}."


def said(out: Path, plan: Plan, roots: Path | None = None) -> str:
    """What the token beside a plan proves; empty where there is none."""
    path = token_path(out, plan.name)
    if not path.exists():
        return ""
    try:
        client = _library()
    except ValueError as error:
        return f"There is a timestamp of the plan, not checked: {error}."
    try:
        token = client.decode_timestamp_response(path.read_bytes())
        info = token.tst_info
    except ValueError:
        return f"There is a file {path.name}, which is no timestamp."
    if info.message_imprint.message.hex() != plan.name:
        return f"The timestamp {path.name} is of something else than this plan."
    when = info.gen_time.isoformat()
    builder = client.VerifierBuilder()
    trusted = _trusted(roots)
    for root in trusted:
        builder = builder.add_root_certificate(root)
    with suppress(client.VerificationError):
        if trusted and builder.build().verify_message(token, _text(plan)):
            return f"An authority that is trusted here signed that the plan was there at {when}."
    return (
        f"A timestamp says that the plan was there at {when}, but nothing that is trusted here "
        "vouches for its signature: give the certificate of its authority's root by --roots FILE."
    )


def late(out: Path, plan: Plan, first: str | None) -> list[str]:
    """A sentence if the token is of a time after the first result by more than clocks differ."""
    try:
        token = _library().decode_timestamp_response(token_path(out, plan.name).read_bytes())
    except (OSError, ValueError):
        return []
    when = token.tst_info.gen_time
    if first is None or when <= datetime.fromisoformat(first) + CLOCKS:
        return []
    return [f"The plan was timestamped at {when.isoformat()}, after its first result at {first}."]


def _text(plan: Plan) -> bytes:
    """What a plan's name is the hash of."""
    return canonical(plan.plain()).encode()


def _trusted(roots: Path | None) -> "list[Certificate]":
    from cryptography.x509 import load_pem_x509_certificate

    path = roots or Path(ssl.get_default_verify_paths().cafile or "")
    content = path.read_bytes() if path.is_file() else b""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the system's certificates some are of an older form
        for block in CERTIFICATE.findall(content):
            with suppress(ValueError):
                found.append(load_pem_x509_certificate(block))
    if roots is not None and not found:
        raise ValueError(
            f"roots={str(roots)!r} holds no certificate in PEM: give a file of those of the "
            "authorities that you trust"
        )
    return found


def _library() -> Any:
    try:
        import rfc3161_client
    except ImportError:
        raise ValueError(
            "timestamps need a library that is not installed: pip install 'mvtheory[timestamp]'"
        ) from None
    return rfc3161_client
