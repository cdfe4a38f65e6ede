"""Times that know that they are UTC."""

import datetime

UTC = datetime.timezone.utc


def utcfromtimestamp(timestamp):
    return datetime.datetime.fromtimestamp(timestamp, UTC)


def utcnow():
    return datetime.datetime.now(UTC)
