"""Service accounts of callers, with or without a namespace (`pkg/config/security/security.go CheckServiceAccount`)."""

from kubectl_meshfix.validation.values.fields import items, texts
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_MOST = 16
_LONGEST = 320


def service_accounts(fields: Fields, name: str, path: str) -> Violations:
    """The accounts of a list: ``ACCOUNT`` or ``NAMESPACE/ACCOUNT``, without wildcards. ``path`` is that of ``fields``."""
    count = len(items(fields, name))
    if count > _MOST:
        yield Violation(path=f"{path}/{name}", says=f"{name} has {count} values, and {_MOST} are the limit")
    for place, account in texts(fields, name, path):
        if unlike := _flaw(account):
            yield Violation(path=place, says=f'{name} has "{account}", {unlike}' if account else f"{name} has an empty value")


def _flaw(account: str) -> str:
    """What keeps a text from being an account, as a clause; empty for a good one."""
    if "*" in account:
        return "and wildcards are not supported there"
    if account.startswith("spiffe://") or account.count("/") > 1:
        return "which is neither ACCOUNT nor NAMESPACE/ACCOUNT"
    if len(account.encode()) > _LONGEST:
        return f"which is longer than {_LONGEST} letters"
    return "" if all(account.split("/")) else "which lacks a part; write ACCOUNT or NAMESPACE/ACCOUNT"
