"""Who is let in: where the keys are and what a token must say, with units and reasons."""

import msgspec

from server.environment import Secret


class AuthSettings(msgspec.Struct, frozen=True, kw_only=True):
    token_secret: Secret = ""
    """The shared secret of HS256 tokens, at least 32 bytes. Empty on the embedded default: one is made in the data folder."""
    jwks: str = ""
    """A file, or an https address, with the public keys (RS256, ES256, EdDSA) of whoever signs people in."""
    issuer: str = ""
    """What ``iss`` must be; empty: not looked at. It also keeps two issuers' people apart (user ids derive from it)."""
    audience: str = ""
    """What ``aud`` must name; empty: not looked at."""
    leeway_s: float = 5.0
    """How far the clocks of the issuer and this machine may differ."""
    jwks_refresh_s: float = 300.0
    """How often keys are fetched again in the background, so that a rotation is known before its first token arrives."""
    jwks_cooldown_s: float = 10.0
    """An unknown key id asks for the keys at once, but not more often than this: made-up ids must not hammer the issuer."""
    jwks_timeout_s: float = 3.0
    """SDKs give a connect 5 s; an issuer that takes longer than this counts as unreachable."""
    guest_secret: Secret = ""
    """Signs the tokens of those who come with a share's link, at least 32 bytes; the same on all nodes of an installation. Empty:
    one is made in the data folder."""
    guest_ttl_s: float = 30 * 24 * 3600.0
    """How long such a token lets somebody in again; never beyond the share's own end."""
    guests: bool = False
    """Whether a connection without a token, or with a token without ``sub``, is let in as a guest."""
    trust_token_roles: bool | None = None
    """Whether a token's roles count by themselves, or only narrow what user_roles grants. Unset: on with the embedded database."""
    dev_sign_in: bool | None = None
    """POST /dev/sign-in mints a token for any name. Unset: on with the embedded database on a loopback address; never elsewhere."""
    standing_watch_s: float = 1.0
    """How often user_roles and users.status of everyone connected are read: a right that is taken away ends within this time."""
    standing_cache_s: float = 1.0
    """How long a person's grants may be reused for another request or connection before they are read again."""
    standing_stale_s: float = 300.0
    """How long known grants go on to count while Postgres does not answer."""
    standing_timeout_s: float = 1.0
    """A read of grants that takes longer counts as Postgres being away; a subscribe must be answered within 4 s."""
    standing_people: int = 50_000
    """Grants are remembered for this many people (about 300 bytes each), then the longest unused are dropped."""
