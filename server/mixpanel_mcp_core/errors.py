"""What can go wrong, as one tree.

A subclass exists where a caller acts differently on it. Names and codes are
those of Mixpanel's own Python client, so that whoever knows it knows these.

    MixpanelError                       UNKNOWN_ERROR, HTTP_ERROR, INVALID_RESPONSE
    ├─ InvalidInputError                INVALID_INPUT: an argument does not fit its type
    ├─ ParamValidationError             VALIDATION_ERROR or a rule code: a rule refuses an argument
    ├─ BookmarkValidationError          BOOKMARK_VALIDATION_ERROR: all problems of a query together
    ├─ ResponseValidationError          RESPONSE_VALIDATION_ERROR: the answer has another shape
    ├─ NotPermittedError                NOT_PERMITTED: this server was started without the right
    ├─ APIError                         API_ERROR: Mixpanel answered with an error status
    │  ├─ AuthenticationError           AUTH_FAILED     401
    │  ├─ RateLimitError                RATE_LIMITED    429
    │  ├─ QueryError                    QUERY_FAILED    other 4xx
    │  │  └─ JQLSyntaxError             JQL_SYNTAX_ERROR    412: a JQL script failed
    │  ├─ ServerError                   SERVER_ERROR    5xx
    │  └─ SessionReplayError            SESSION_REPLAY_ERROR: a recording that is too large
    │     ├─ SessionReplayAccessError   SESSION_REPLAY_ACCESS_ERROR    403 for sensitive replays
    │     ├─ SignedURLExpiredError      SIGNED_URL_EXPIRED    403 from where recordings lie
    │     ├─ ReplayNotFoundError        REPLAY_NOT_FOUND    404: no recording of that id
    │     └─ UnsupportedReplayFormatError    SESSION_REPLAY_ERROR: no recording of a web page
    ├─ ParamTypeError                   VALIDATION_ERROR: arguments that exclude each other
    ├─ ConfigError                      CONFIG_ERROR: credentials, project or files are not usable
    │  ├─ ProjectNotFoundError          PROJECT_NOT_FOUND: the account cannot see the project
    │  ├─ AccountExistsError            ACCOUNT_EXISTS: a login under a name that is taken
    │  ├─ AccountInUseError             ACCOUNT_IN_USE: targets refer to the account
    │  └─ InvalidArgumentError          INVALID_ARGUMENT: options of a login that do not go together
    ├─ OAuthError                       OAUTH_TOKEN_ERROR and more: a login, token or refresh failed
    │  └─ RegionProbeError              OAUTH_REGION_PROBE_FAILED: no region takes the credentials
    │     └─ RegionProbeNetworkError    OAUTH_NETWORK_UNREACHABLE: no region could be reached
    ├─ EventNotFoundError               EVENT_NOT_FOUND, with the nearest names
    ├─ WorkspaceScopeError              NO_WORKSPACES, ORGANIZATION_AMBIGUOUS
    ├─ BusinessContextValidationError   BUSINESS_CONTEXT_TOO_LONG, with length and max
    └─ ReportLinkError                  REPORT_LINK_ERROR: a link that leads to no report
       ├─ ReportLinkParseError          REPORT_LINK_UNPARSEABLE, or the part that was not read
       ├─ UnsupportedReportLinkError    UNSUPPORTED_REPORT_TYPE, _DASHBOARD_LINK, _LEGACY_HASH
       ├─ ReportLinkNotFoundError       REPORT_LINK_SLUG_NOT_FOUND and other 404s
       ├─ ReportLinkScopeMismatchError  REPORT_LINK_PROJECT_MISMATCH, or of region or workspace
       └─ ShortLinkResolutionError      SHORT_LINK_UNEXPECTED_RESPONSE, _NO_LOCATION, _CHAIN
"""

from collections.abc import Mapping, Sequence
from typing import Any


class MixpanelError(Exception):
    """The root: a message for a person, a code for a program, details for both."""

    code = "UNKNOWN_ERROR"

    def __init__(
        self, message: str, *, code: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details: dict[str, Any] = dict(details or {})

    def to_dict(self) -> dict[str, Any]:
        """`{type, code, message, details}`, as it stands in a tool's error result."""
        return {
            "type": type(self).__name__,
            "code": self.code,
            "message": self.message,
            "details": self.details,
        }


class InvalidInputError(MixpanelError):
    """Arguments that do not fit the tool's schema; `problems` has one entry for each."""

    code = "INVALID_INPUT"

    def __init__(self, message: str, problems: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message, details={"problems": [dict(problem) for problem in problems]})


class ParamValidationError(MixpanelError, ValueError):
    """One rule refused one argument before anything was sent; the message begins with its place."""

    code = "VALIDATION_ERROR"
    place = ""

    def inside(self, path: str) -> "ParamValidationError":
        """The same refusal, told of an argument that stands within this path."""
        sentence = self.message.removeprefix(f"{self.place}: ")
        place = f"{path}.{self.place}" if self.place else path
        error = ParamValidationError(f"{place}: {sentence}", code=self.code, details=self.details)
        error.place = place
        return error


class BookmarkValidationError(MixpanelError):
    """A query that cannot be compiled; `errors` lists every problem with path, code and fix."""

    code = "BOOKMARK_VALIDATION_ERROR"

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        self.errors = [dict(problem) for problem in problems]
        fatal = [problem for problem in self.errors if problem.get("severity") == "error"]
        super().__init__(
            "; ".join(f"{problem['path']}: {problem['message']}" for problem in fatal),
            details={
                "error_count": len(fatal),
                "warning_count": len(self.errors) - len(fatal),
                "errors": self.errors,
            },
        )


class ResponseValidationError(MixpanelError):
    """Mixpanel answered, but not with the fields that this operation reads."""

    code = "RESPONSE_VALIDATION_ERROR"


class NotPermittedError(MixpanelError):
    """The server was started in a way that rules this call out."""

    code = "NOT_PERMITTED"


class APIError(MixpanelError):
    """Mixpanel answered with an error status; `details` tells request and answer."""

    code = "API_ERROR"

    @property
    def status_code(self) -> int | None:
        """The HTTP status, where there was one."""
        return self.details.get("status_code")


class AuthenticationError(APIError):
    """401: the credentials are wrong, expired or of another region."""

    code = "AUTH_FAILED"


class RateLimitError(APIError):
    """429 after all retries; `retry_after` is the number of seconds to wait, if it was told.

    Also what the ledger of limits keeps from being sent, which `reason` tells.
    """

    code = "RATE_LIMITED"

    def __init__(
        self,
        *,
        retry_after: int | None,
        project_id: str,
        details: Mapping[str, Any],
        reason: str = "Mixpanel's rate limit is reached.",
    ) -> None:
        message = reason
        if retry_after is not None:
            message += f" Retry after {retry_after} seconds."
        super().__init__(
            message, details={**details, "retry_after": retry_after, "project_id": project_id}
        )
        self.retry_after = retry_after


class QueryError(APIError):
    """A request that Mixpanel refused: malformed, forbidden, or about what does not exist."""

    code = "QUERY_FAILED"


class JQLSyntaxError(QueryError):
    """412: a JQL script could not be read, or failed; `details` tells what, where, and the script.

    `details` has error_type, error_message, line_info and stack_trace, null where not told.
    """

    code = "JQL_SYNTAX_ERROR"


class ServerError(APIError):
    """5xx: the fault is Mixpanel's; the same call may work later."""

    code = "SERVER_ERROR"


class SessionReplayError(APIError):
    """A session replay cannot be had; `details` names it, and never has its signature."""

    code = "SESSION_REPLAY_ERROR"


class SessionReplayAccessError(SessionReplayError):
    """403: the project's session replays hold sensitive data, which these credentials may not see.

    `details` has project_id (a number), the project's flag, and the permission that is missing.
    """

    code = "SESSION_REPLAY_ACCESS_ERROR"
    flag = "SESSION_RECORDING_SENSITIVE_DATA"

    def __init__(self, *, project_id: str, details: Mapping[str, Any]) -> None:
        super().__init__(
            f"Session replays of project {project_id} hold sensitive data. The permission "
            "sensitive_data_replay is needed to see them.",
            details={
                **details,
                "project_id": int(project_id),
                "flag": self.flag,
                "permission_required": "sensitive_data_replay",
            },
        )


class SignedURLExpiredError(SessionReplayError):
    """403 from where recordings lie: the signature has expired, also after a fresh one."""

    code = "SIGNED_URL_EXPIRED"


class ReplayNotFoundError(SessionReplayError):
    """404 for the first file of a recording: it was never there, or its time is over."""

    code = "REPLAY_NOT_FOUND"


class UnsupportedReplayFormatError(SessionReplayError):
    """The files are not those of a recorded web page."""


class ConfigError(MixpanelError):
    """Credentials, project or configuration files are missing or contradict each other."""

    code = "CONFIG_ERROR"


class ParamTypeError(MixpanelError, TypeError):
    """Arguments that exclude each other, or one that is missing beside another."""

    code = "VALIDATION_ERROR"


class ProjectNotFoundError(ConfigError):
    """The account cannot see the project; `details.available_projects` has those it sees."""

    code = "PROJECT_NOT_FOUND"

    def __init__(self, project_id: str, available_projects: Sequence[str]) -> None:
        seen = ", ".join(available_projects) or "none"
        super().__init__(
            f"The account cannot see project {project_id}. It sees: {seen}.",
            details={"project_id": project_id, "available_projects": list(available_projects)},
        )


class AccountExistsError(ConfigError):
    """A login for a new account under a name that another account has."""

    code = "ACCOUNT_EXISTS"

    def __init__(self, account_name: str) -> None:
        super().__init__(
            f"There is an account {account_name!r} already; give another name.",
            details={"account_name": account_name},
        )


class AccountInUseError(ConfigError):
    """Targets refer to the account; `details.referenced_by` names them."""

    code = "ACCOUNT_IN_USE"

    def __init__(self, account_name: str, referenced_by: Sequence[str]) -> None:
        super().__init__(
            f"Account {account_name!r} is used by the targets {', '.join(referenced_by)}. Remove "
            "them first, or use force to remove the account all the same.",
            details={"account_name": account_name, "referenced_by": list(referenced_by)},
        )


class InvalidArgumentError(ConfigError):
    """Options of a login that do not go together; `details.violation` tells which rule."""

    code = "INVALID_ARGUMENT"

    def __init__(self, message: str, *, violation: str, detected_auth_type: str) -> None:
        super().__init__(
            message, details={"violation": violation, "detected_auth_type": detected_auth_type}
        )


class OAuthError(MixpanelError):
    """A login, a token or its refresh failed; the code tells which step."""

    code = "OAUTH_TOKEN_ERROR"


class RegionProbeError(OAuthError):
    """No region takes the credentials; `attempts` has region, status and body of each refusal."""

    code = "OAUTH_REGION_PROBE_FAILED"

    def __init__(self, message: str, attempts: Sequence[tuple[str, int, str]]) -> None:
        super().__init__(message)
        self.attempts = list(attempts)

    def to_dict(self) -> dict[str, Any]:
        """The attempts beside what every error tells."""
        return {**super().to_dict(), "attempts": [list(each) for each in self.attempts]}


class RegionProbeNetworkError(RegionProbeError):
    """No region could be reached at all."""

    code = "OAUTH_NETWORK_UNREACHABLE"


class EventNotFoundError(MixpanelError):
    """No event of that name; `details.similar_events` has the similar ones.

    Where there are none, the sentence offers those that are `near`.
    """

    code = "EVENT_NOT_FOUND"

    def __init__(
        self, event_name: str, similar_events: Sequence[str], near: Sequence[str] = ()
    ) -> None:
        offered = ", ".join(map(repr, similar_events or near))
        hint = f" Did you mean {offered}?" if offered else ""
        super().__init__(
            f"There is no event {event_name!r}.{hint}",
            details={"event_name": event_name, "similar_events": list(similar_events)},
        )


class WorkspaceScopeError(MixpanelError):
    """A workspace, or an organization, is needed and none could be told from the project."""

    code = "NO_WORKSPACES"


class BusinessContextValidationError(MixpanelError):
    """A business context that is too long; `details` has its length and the most that is taken."""

    code = "BUSINESS_CONTEXT_TOO_LONG"


class ReportLinkError(MixpanelError):
    """A link to a report that leads nowhere; `details` has what could be read, and a `hint`."""

    code = "REPORT_LINK_ERROR"

    def __init__(self, message: str, *, code: str, hint: str, **details: Any) -> None:
        super().__init__(message, code=code, details={**details, "hint": hint})


class ReportLinkParseError(ReportLinkError):
    """The text is no link to a report of Mixpanel's."""

    code = "REPORT_LINK_UNPARSEABLE"


class UnsupportedReportLinkError(ReportLinkError):
    """The link is well-formed, but what it leads to cannot be resolved or run."""

    code = "UNSUPPORTED_REPORT_TYPE"


class ReportLinkScopeMismatchError(ReportLinkError):
    """The link belongs to another region, project or workspace than the session."""

    code = "REPORT_LINK_PROJECT_MISMATCH"


class ReportLinkNotFoundError(ReportLinkError):
    """There is no such slug, saved report or short link, or it cannot be seen from here."""

    code = "REPORT_LINK_SLUG_NOT_FOUND"


class ShortLinkResolutionError(ReportLinkError):
    """The answer to a short link does not tell which report it stands for."""

    code = "SHORT_LINK_UNEXPECTED_RESPONSE"
