"""
Who may see what: the table of memkit(7), said once more and by itself, so
that it can be held against what the tools do.  It knows nothing of how they
do it.

A thing is of a kind: event, variable, file, fact, artifact (each of a
session, or of none), segment and grip (contents of a session), period (a day
to a year), record.  A viewer is a tenant, a user, and perhaps a session.
"""

KINDS = {'event': 1, 'segment': 2, 'grip': 2, 'fact': 4, 'variable': 8,
         'file': 16, 'artifact': 32}
KIND_NAMES = ['events', 'contents', 'facts', 'variables', 'files',
              'artifacts']
ALL = 63
NEVER = 1 << 62


class Thing:
    """start, end: of what time it is, [start, end)."""

    def __init__(self, kind, tenant, user, session, mark, **more):
        self.kind, self.tenant, self.user = kind, tenant, user
        self.session, self.mark = session, mark
        self.id = more.pop('id', None)
        self.start = more.pop('start', None)
        self.end = more.pop('end', None)
        self.words = more.pop('words', [])
        self.gone = False
        self.more = more

    def __repr__(self):
        return '%s %s of %s/%s/%s (%s)' % (self.kind, self.id, self.tenant,
                                           self.user, self.session, self.mark)


class Graft:
    def __init__(self, id, tenant, user, session, to, name, kinds=ALL,
                 since=None, until=None, expires=NEVER):
        self.id, self.tenant, self.user = id, tenant, user
        self.session, self.to, self.name = session, to, name
        self.kinds, self.since, self.until = kinds, since, until
        self.expires, self.revoked = expires, False
        self.by = None

    def __repr__(self):
        return 'graft %s %s/%s/%s to %s:%s kinds %d range %s-%s exp %s%s' % (
            self.id, self.tenant, self.user, self.session, self.to,
            self.name, self.kinds, self.since, self.until, self.expires,
            ' REVOKED' if self.revoked else '')

    def active(self, now):
        return not self.revoked and now < self.expires

    def reaches(self, v):
        """Is this viewer one that it lets read?"""
        if self.tenant != v.tenant:
            return False
        own = self.user == v.user
        if self.to == 'session':
            return own and v.session == self.name
        if own and v.session is None:
            return False        # he sees it anyway
        return self.to == 'tenant' or self.name == v.user

    def covers(self, t):
        if self.kinds & KINDS.get(t.kind, 0) == 0:
            return False
        if self.since is None and self.until is None:
            return True
        # of a time range: events in it, contents wholly in it
        if t.kind not in ('event', 'segment', 'grip'):
            return False
        return (self.since is None or self.since <= t.start) and \
            (self.until is None or t.end <= self.until)


class Viewer:
    def __init__(self, tenant, user, session=None):
        self.tenant, self.user, self.session = tenant, user, session

    def __repr__(self):
        return '%s/%s%s' % (self.tenant, self.user,
                            '/' + self.session if self.session else '')

    def key(self):
        return (self.tenant, self.user, self.session)


def sees(v, t, grafts, now):
    """None: not at all; '': it is his own; else the grafts it may be by."""
    if t.tenant != v.tenant or t.gone:
        return None
    if t.kind == 'record' or (t.kind == 'fact' and t.user is None):
        return ''
    if t.user == v.user:
        if v.session is None:
            return ''
        if t.kind != 'period' and t.session in (None, v.session):
            return ''
    if t.session is None:
        return None
    by = [g for g in grafts if g.user == t.user and g.session == t.session and
          g.active(now) and g.reaches(v) and g.covers(t)]
    return by or None


def sees_session(v, user, session, grafts, now, kinds=ALL):
    """The same of a session as such, in a tenant that is the viewer's."""
    if user == v.user and v.session in (None, session):
        return ''
    by = [g for g in grafts if g.user == user and g.session == session and
          g.tenant == v.tenant and g.active(now) and g.reaches(v) and
          g.kinds & kinds]
    return by or None
