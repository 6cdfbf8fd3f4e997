"""Changing an open JSON object merges by key (RFC 7396): null removes, objects merge, anything else replaces."""

from domain.limits import OpenObject


def merged(target: OpenObject, patch: OpenObject) -> OpenObject:
    """``target`` with ``patch`` merged in; neither of the two is changed."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            old = result.get(key)
            result[key] = merged(old if isinstance(old, dict) else {}, value)
        else:
            result[key] = value
    return result
