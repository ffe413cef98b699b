"""Finds the caller of a request by its access key: the administrator, an IAM user or a session of a role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from local_aws.access.evaluation import Context

ADMINISTRATOR_KEYS = frozenset({"local"})
PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity behind a call: `arn` as STS shows it, `principal_arn` of the user or role that holds the policies."""

    arn: str
    principal_arn: str
    kind: str  # administrator, user or role
    session_policy: str = ""
    name: str = ""
    context: Context = field(default_factory=dict, compare=False, hash=False)

    @property
    def is_administrator(self) -> bool:
        """The credentials of `LocalAws.env`, which may do everything."""
        return self.kind == "administrator"


ADMINISTRATOR = Caller(f"arn:{PARTITION}:iam::{settings.ACCOUNT}:root", "administrator", "administrator")


class UnknownKeyError(Exception):
    """No credentials have this access key, or the session token belongs to others."""


class ExpiredKeyError(Exception):
    """The credentials of a role session have expired."""


def role_session(role_arn: str, session: str) -> Caller:
    """The caller that a session of a role is."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    arn = f"arn:{PARTITION}:sts::{account}:assumed-role/{name}/{session[:64]}"
    return _caller(arn, role_arn, "role", name=name)


def _caller(arn: str, principal_arn: str, kind: str, *, name: str, session_policy: str = "") -> Caller:
    account = arn.split(":")[4]
    context = {
        "aws:principalarn": (principal_arn,),
        "aws:principalaccount": (account,),
        "aws:principaltype": ("AssumedRole" if kind == "role" else "User",),
    }
    if kind == "user":
        context["aws:username"] = (name,)
    return Caller(arn, principal_arn, kind, session_policy, name, context)


class Callers:
    """The access keys of this account. Role sessions are cached; users are looked up for each call."""

    def __init__(self, account: str) -> None:
        self._iam = iam_backends[account][PARTITION]
        self._sts = sts_backends[account][PARTITION]
        self._sessions: dict[str, tuple[Caller, str, datetime]] = {}

    def find(self, key: str, token: str | None) -> Caller:
        """The caller with that access key. Raises `UnknownKeyError` or `ExpiredKeyError`."""
        if key in ADMINISTRATOR_KEYS:
            return ADMINISTRATOR
        known = self._sessions.get(key) or self._session(key)
        if known is None:
            return self._user(key)
        caller, session_token, expires = known
        if token != session_token:
            raise UnknownKeyError(key)
        if expires <= utcnow():
            raise ExpiredKeyError(key)
        return caller

    def _session(self, key: str) -> tuple[Caller, str, datetime] | None:
        found: Any = next(
            (role for role in reversed(self._sts.assumed_roles) if role.access_key_id == key), None
        )
        if found is None:
            return None
        name = found.role_arn.rpartition("/")[2]
        caller = _caller(found.arn, found.role_arn, "role", name=name, session_policy=found.policy or "")
        self._sessions[key] = (caller, found.session_token, found.expiration)
        return self._sessions[key]

    def _user(self, key: str) -> Caller:
        for user in list(self._iam.users.values()):
            if any(item.access_key_id == key and item.status == "Active" for item in user.access_keys):
                return _caller(user.arn, user.arn, "user", name=user.name)
        raise UnknownKeyError(key)


def request_context(region: str) -> Mapping[str, tuple[str, ...]]:
    """Condition keys of every call. Calls count as TLS: the endpoint listens on the loopback interface only."""
    now = datetime.now(tz=timezone.utc)
    return {
        "aws:requestedregion": (region,),
        "aws:securetransport": ("true",),
        "aws:currenttime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:sourceip": ("127.0.0.1",),
        "aws:viaawsservice": ("false",),
    }
