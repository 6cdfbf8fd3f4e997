"""Tokens are verified with the key's own algorithm, and nothing they say is taken on trust."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from channels.ports import InvalidToken
from domain.rejections import SignInNeeded, Unavailable
from server.auth.key_set import KeySet, check_source
from server.auth.keys import AnyOf, SecretKey, keys_in
from server.auth.minting import TokenOrder, mint, secret_in
from server.auth.settings import AuthSettings
from server.auth.tokens import TOKEN_BYTES_MOST, TokenReader

SECRET = "a-secret-of-thirty-two-bytes-or-more"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def jwks(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"keys": entries}).encode()


def public(kid: str, key: Any) -> dict[str, Any]:
    algorithm = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm}
    writer = next((value for kind, value in algorithm.items() if isinstance(key, kind)), OKPAlgorithm)
    return {**json.loads(writer.to_jwk(key.public_key())), "kid": kid, "use": "sig", "key_ops": ["verify"]}


ALL_KEYS = jwks(public("r", RSA_KEY), public("e", EC_KEY), public("d", ED_KEY))


class Issuer:
    """A key set that can be changed, cut off, and counts how often it is asked."""

    def __init__(self, document: bytes = ALL_KEYS) -> None:
        self.document = document
        self.is_away = False
        self.asked = 0

    async def fetch(self) -> bytes:
        self.asked += 1
        if self.is_away:
            raise OSError("connection refused")
        return self.document


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def reader_of(keys_of: Issuer | None = None, clock: Clock | None = None, **settings: Any) -> TokenReader:
    chosen = AuthSettings(**settings)
    source = KeySet((keys_of or Issuer()).fetch, chosen, clock or Clock())
    return TokenReader(AnyOf(SecretKey(SECRET), source), chosen)


def claims(**changes: Any) -> dict[str, Any]:
    return {"sub": "ada", "exp": int(time.time()) + 60, **changes}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_a_token_of_the_shared_secret_is_read() -> None:
    token = mint(SECRET, TokenOrder(user="ada", roles=("admin",), rooms={"workspace:1": "viewer"}, name="Ada"))

    read = await reader_of().read(token)

    assert (read.sub, read.name, read.roles, read.rooms) == ("ada", "Ada", frozenset({"admin"}), {"workspace:1": "viewer"})


@pytest.mark.parametrize(("algorithm", "key", "kid"), [("RS256", RSA_KEY, "r"), ("ES256", EC_KEY, "e"), ("EdDSA", ED_KEY, "d")])
async def test_a_token_of_a_published_key_is_read_with_and_without_its_name(algorithm: str, key: Any, kid: str) -> None:
    named = jwt.encode(claims(), key, algorithm=algorithm, headers={"kid": kid})
    unnamed = jwt.encode(claims(), key, algorithm=algorithm)

    assert (await reader_of().read(named)).sub == "ada"
    assert (await reader_of().read(unnamed)).sub == "ada"


async def test_a_public_key_is_no_secret() -> None:
    """The classic confusion: the RSA key, which everyone knows, used as the HMAC secret."""
    pem = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'r'})}.{part(claims())}"
    signature = base64.urlsafe_b64encode(hmac.new(pem, signed.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()

    with pytest.raises(InvalidToken):
        await reader_of().read(f"{signed}.{signature}")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS384", "HS512", "RS512", "PS256", ""])
async def test_an_algorithm_without_a_key_is_refused(algorithm: str) -> None:
    with pytest.raises(InvalidToken):
        await reader_of().read(f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}.")


async def test_a_key_does_not_verify_under_another_algorithm_of_its_name() -> None:
    forged = jwt.encode(claims(), EC_KEY, algorithm="ES256", headers={"kid": "r"})

    with pytest.raises(InvalidToken):
        await reader_of().read(forged)


def test_secrets_encryption_keys_weak_keys_and_unknown_kinds_of_a_set_are_passed_over() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    usable = public("r", RSA_KEY)
    document = jwks(
        {"kty": "oct", "k": part("secret"), "kid": "s", "alg": "HS256"},
        {**usable, "use": "enc"},
        {**usable, "alg": "RS512"},
        {**usable, "key_ops": ["encrypt"]},
        {**usable, "key_ops": 7},
        {"kty": "EC", "crv": "P-521", "kid": "big"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        public("w", weak),
        usable,
    )

    assert [(key.algorithm, key.kid) for key in keys_in(document)] == [("RS256", "r")]


NESTED = b'{"keys": [{"kid": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}"


@pytest.mark.parametrize(
    "document", [b"", b"[]", b'{"keys": 1}', b'{"keys": ["r"]}', b"\xff", b'{"keys": [{"kid": "\xff"}]}', NESTED]
)
def test_what_is_no_key_set_is_told(document: bytes) -> None:
    with pytest.raises(ValueError, match="JWKS"):
        keys_in(document)


async def test_a_rotated_key_is_fetched_when_its_first_token_comes() -> None:
    issuer, clock = Issuer(jwks(public("e", EC_KEY))), Clock()
    reader = reader_of(issuer, clock)
    await reader.read(jwt.encode(claims(), EC_KEY, algorithm="ES256", headers={"kid": "e"}))
    issuer.document = ALL_KEYS
    clock.now_s += 11

    assert (await reader.read(jwt.encode(claims(), RSA_KEY, algorithm="RS256", headers={"kid": "r"}))).sub == "ada"


async def test_made_up_key_names_do_not_hammer_the_issuer() -> None:
    issuer = Issuer()
    reader = reader_of(issuer)

    for number in range(20):
        with pytest.raises(InvalidToken):
            await reader.read(jwt.encode(claims(), EC_KEY, algorithm="ES256", headers={"kid": f"made-up-{number}"}))

    assert issuer.asked == 1


async def test_known_keys_go_on_to_count_while_the_issuer_is_away() -> None:
    issuer, clock = Issuer(), Clock()
    settings = AuthSettings()
    keys = KeySet(issuer.fetch, settings, clock)
    assert await keys.refresh()
    issuer.is_away = True

    assert not await keys.refresh()
    assert (await TokenReader(keys, settings).read(jwt.encode(claims(), ED_KEY, algorithm="EdDSA"))).sub == "ada"


async def test_a_broken_document_does_not_replace_known_keys() -> None:
    issuer = Issuer()
    keys = KeySet(issuer.fetch, AuthSettings(), Clock())
    assert await keys.refresh()
    issuer.document = b"<html>"

    assert not await keys.refresh()
    assert await keys.keys_for("EdDSA", "d")


async def test_without_any_known_key_an_issuer_that_is_away_is_temporary() -> None:
    issuer = Issuer()
    issuer.is_away = True

    with pytest.raises(Unavailable):
        await reader_of(issuer).read(jwt.encode(claims(), ED_KEY, algorithm="EdDSA"))


async def test_a_token_that_has_run_out_asks_for_a_new_one() -> None:
    with pytest.raises(SignInNeeded):
        await reader_of().read(jwt.encode(claims(exp=int(time.time()) - 60), SECRET))


@pytest.mark.parametrize(
    "changes",
    [
        {"nbf": int(time.time()) + 3600},
        {"exp": "tomorrow"},
        {"exp": 1e400},
        {"sub": 7},
        {"sub": "a\x00b"},
        {"name": "\ud800"},
        {"name": "x" * 201},
        {"picture": "x" * 2001},
        {"roles": "admin"},
        {"roles": [1]},
        {"roles": [str(number) for number in range(65)]},
        {"rooms": ["workspace:1"]},
        {"rooms": {"workspace:1": 1}},
    ],
)
async def test_claims_that_do_not_fit_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        await reader_of().read(jwt.encode(claims(**changes), SECRET))


async def test_a_token_from_a_clock_that_is_ahead_of_ours_is_read() -> None:
    read = await reader_of().read(jwt.encode(claims(iat=int(time.time()) + 3600, exp=int(time.time()) + 7200), SECRET))

    assert read.sub == "ada"


async def test_audience_and_issuer_are_demanded_where_they_are_set() -> None:
    strict = reader_of(audience="atrium", issuer="https://id.example")
    fitting = claims(aud=["atrium", "other"], iss="https://id.example")

    assert (await strict.read(jwt.encode(fitting, SECRET))).iss == "https://id.example"
    for changes in ({"aud": "other"}, {"iss": "https://evil.example"}):
        with pytest.raises(InvalidToken):
            await strict.read(jwt.encode({**fitting, **changes}, SECRET))
    with pytest.raises(InvalidToken):
        await strict.read(jwt.encode(claims(), SECRET))


async def test_an_audience_is_not_looked_at_where_none_is_set() -> None:
    assert (await reader_of().read(jwt.encode(claims(aud="anything"), SECRET))).sub == "ada"


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "." * 5, "é.é.é", "[" * 4000, "x" * (TOKEN_BYTES_MOST + 1), "\x00", "\ud800.a.b"]
)
async def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        await reader_of().read(token)


async def test_a_deeply_nested_token_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b'{"alg":"HS256","x":' + b"[" * 2900 + b"]" * 2900 + b"}").rstrip(b"=").decode()
    with pytest.raises(InvalidToken):
        await reader_of().read(f"{deep}.{part(claims())}.x")


async def test_a_token_with_a_demand_that_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidToken):
        await reader_of().read(jwt.encode(claims(), SECRET, headers={"crit": ["b64"], "b64": True}))


async def test_a_changed_token_is_refused() -> None:
    head, _, signature = jwt.encode(claims(), SECRET).split(".")
    with pytest.raises(InvalidToken):
        await reader_of().read(f"{head}.{part(claims(roles=['admin']))}.{signature}")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SecretKey("short")


def test_the_secret_of_a_folder_is_made_once_and_only_for_the_owner(tmp_path: Any) -> None:
    secret = secret_in(tmp_path)

    assert secret_in(tmp_path) == secret
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("token-secret", 0o600)]


def test_an_empty_secret_file_is_told(tmp_path: Any) -> None:
    (tmp_path / "token-secret").write_text("")
    with pytest.raises(ValueError, match="remove the file"):
        secret_in(tmp_path)


@pytest.mark.parametrize("jwks_source", ["http://id.example/keys", "/no/such/file"])
def test_a_source_of_keys_that_cannot_be_meant_is_told(jwks_source: str) -> None:
    with pytest.raises(ValueError, match=r"https|no file"):
        check_source(jwks_source)


def test_a_token_without_an_end_has_none() -> None:
    token = mint(SECRET, TokenOrder(user="bot", ttl_s=0))
    assert "exp" not in msgspec.json.decode(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


class CountingKeys:
    """A source of keys that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._keys = SecretKey(SECRET)

    async def keys_for(self, algorithm: str, kid: str) -> Any:
        self.asked += 1
        return await self._keys.keys_for(algorithm, kid)


async def test_a_verified_token_is_not_verified_again_for_a_moment_and_never_beyond_its_end() -> None:
    keys, now_s = CountingKeys(), [time.time()]
    reader = TokenReader(keys, AuthSettings(), now_s=lambda: now_s[0], known_s=60.0)
    short = jwt.encode({"sub": "ada", "exp": now_s[0] + 30}, SECRET, algorithm="HS256")
    long = jwt.encode({"sub": "ben"}, SECRET, algorithm="HS256")

    for token in (short, long, short, long):
        await reader.read(token)
    assert keys.asked == 2

    now_s[0] += 31
    await reader.read(long)
    await reader.read(short)  # the reader asks the library again, whose own clock has not come so far
    assert keys.asked == 3

    now_s[0] += 60
    await reader.read(long)
    assert keys.asked == 4


async def test_a_clock_that_is_set_back_does_not_make_a_token_remembered_for_longer() -> None:
    keys, now_s = CountingKeys(), [time.time()]
    reader = TokenReader(keys, AuthSettings(), now_s=lambda: now_s[0], known_s=60.0)
    token = jwt.encode({"sub": "ada"}, SECRET, algorithm="HS256")
    await reader.read(token)

    now_s[0] -= 3600
    await reader.read(token)

    assert keys.asked == 2


async def test_a_token_that_is_refused_is_not_remembered() -> None:
    keys = CountingKeys()
    reader = TokenReader(keys, AuthSettings())
    wrong = jwt.encode({"sub": "ada"}, "another-secret-of-thirty-two-bytes-or-more", algorithm="HS256")

    for _ in range(2):
        with pytest.raises(InvalidToken):
            await reader.read(wrong)

    assert keys.asked == 2
