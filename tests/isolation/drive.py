#!/usr/bin/env python3
"""
Random calls of every tool in a world of tenants, users and sessions, held
against a model of who may see what:

    drive.py [--seed N] [--ops N] [--small] [--owner] [--only OP] [--keep]

Never one thing too many: no word and no id of a thing that is not visible in
what a call prints, on either stream.  Never one too few: what the model says
is there is told.  And what is another's is answered as what is nobody's, byte
for byte.  A seed and a number of calls name a run; a failure prints the call.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from rules import (ALL, KIND_NAMES, KINDS, NEVER, Graft, Thing, Viewer, sees,
                   sees_session)
from world import COMMON, MARK, START, DAY, Failed, World

ULID = re.compile(r'\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b')
IDS = re.compile(r'\b(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|fact:[0-9a-f]{16}|'
                 r'grip:\d+:[0-9a-f]{12}|toc:segment:[-\d]+:[0-9a-f]+)\b')
NOBODY = 'nobody-has-this-one'


class Wrong(Exception):
    pass


class Caller:
    def __init__(self, viewer, cred=None, user=None, env=None, wide=False):
        self.viewer, self.cred = viewer, cred
        self.options = ['--user', user] if user else []
        self.env = env or {}
        self.wide = wide         # may see all of its tenant


class Result:
    def __init__(self, argv, p, t0, t1):
        self.argv, self.rc, self.t0, self.t1 = argv, p.returncode, t0, t1
        self.out, self.err = p.stdout, p.stderr
        self.text = (p.stdout + b'\n' + p.stderr).decode(errors='replace')

    def records(self):
        try:
            return [json.loads(x) for x in self.out.splitlines() if x]
        except ValueError:
            raise Wrong('what it printed is no JSON: %r' % self.out[:300])


class Driver:
    def __init__(self, world, args):
        self.w, self.args, self.r = world, args, world.random
        self.count = {}
        self.shown = ''
        self.calls = 0
        self.ended = []          # of credentials that count no more
        self.graft_ids = {}
        self.cli = b'ungraft' in world.run(['mem-session', '-h']).stdout

    # --- calling -------------------------------------------------------

    def env_of(self, c):
        e = dict(self.w.env)
        v = c.viewer
        if c.cred:
            e['MEM_CREDENTIAL_FILE'] = c.cred.path
        elif v:
            e['MEM_TENANT'], e['MEM_USER'] = v.tenant, v.user
        if v and v.session and not (c.cred and c.cred.viewer and
                                    c.cred.viewer.session):
            e['MEM_SESSION'] = v.session
        e.update(c.env)
        return e

    def call(self, c, argv, stdin=b'', check=True, echo=()):
        argv = argv[:1] + c.options + argv[1:]
        env = self.env_of(c)
        shown = ' '.join('%s=%s' % (k, shlex.quote(env[k])) for k in sorted(
            env) if k.startswith('MEM_')) + ' ' + ' '.join(
                shlex.quote(a) for a in argv)
        if stdin:
            shown += ' <<<' + shlex.quote(stdin.decode())
        self.shown = shown
        if os.environ.get('MEM_TRACE'):
            print('# ' + shown, flush=True)
        self.calls += 1
        t0 = time.time()
        try:
            p = subprocess.run(argv, input=stdin, env=env, timeout=60,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except subprocess.TimeoutExpired:
            raise Wrong('it did not end in a minute')
        res = Result(argv, p, int(t0 * 1000), int(time.time() * 1000) + 1)
        if p.returncode < 0 or p.returncode in (71, 70):
            raise Wrong('it died: %d: %r' % (p.returncode, p.stderr[:300]))
        if check:
            self.look(c, res, stdin, echo)
        return res

    # --- never one too many --------------------------------------------

    def active(self):
        return [g for g in self.w.grafts if not g.revoked]

    def by(self, c, t, now):
        """As sees, for this caller."""
        return sees(c.viewer, t, self.active(), now)

    def may_be_told(self, c, t, now, channel=None):
        if t.kind == 'event' and channel != 'event':
            g = Thing('grip', t.tenant, t.user, t.session, None,
                      start=t.start, end=t.end)
            g.gone = t.gone
            if channel == 'contents':
                return self.by(c, g, now) is not None
            return self.by(c, t, now) is not None or \
                self.by(c, g, now) is not None
        return self.by(c, t, now) is not None

    def knows_user(self, c, tenant, user, now):
        if user == c.viewer.user:
            return True
        # who lets him read, and whom he lets
        return any(g.tenant == tenant and (
            g.user == user and g.reaches(c.viewer) or
            g.user == c.viewer.user and (g.to, g.name) == ('user', user))
            for g in self.w.grafts)

    def mark_ok(self, c, mark, now):
        what = self.w.marks.get(mark)
        if what is None:
            return True          # not one of ours
        if isinstance(what, Thing):
            if c.wide:
                return what.tenant == c.viewer.tenant
            return self.may_be_told(c, what, now)
        if what == 'user':
            return c.wide or any(u == mark and self.knows_user(
                c, t, u, now) for t, u in self.w.users if
                t == c.viewer.tenant)
        if what == 'credential':
            # the list of grafts tells who made them
            return c.wide or (c.cred and c.cred.name == mark) or any(
                g.by == mark and g.tenant == c.viewer.tenant and
                (g.user == c.viewer.user or g.reaches(c.viewer))
                for g in self.w.grafts)
        kind, tenant, user, s = what
        if kind == 'session':    # others may have taken the name since
            whose = [(t, u) for (t, u), ss in self.w.users.items()
                     if t == c.viewer.tenant and s in ss]
        else:
            whose = [(tenant, user)] if tenant == c.viewer.tenant else []
        return bool(whose) and c.wide or any(sees_session(
            c.viewer, u, s, self.active(), now) is not None
            for t, u in whose)

    def look(self, c, res, stdin, echo=()):
        if c.viewer is None:
            return
        given = ' '.join(res.argv) + ' ' + stdin.decode(errors='replace') + \
            ' ' + ' '.join(echo) + ' ' + (c.viewer.session or '')
        given_marks = set(m.lower() for m in MARK.findall(given))
        for m in set(m.lower() for m in MARK.findall(res.text)):
            if m not in given_marks and not self.mark_ok(c, m, res.t0):
                raise Wrong('it tells %s, which is of %r' %
                            (m, self.w.marks[m]))
        given_ids = set(IDS.findall(given))
        for i in set(IDS.findall(res.text)) - given_ids:
            ts = self.w.by_id.get(i)
            if ts and not any(t.tenant == c.viewer.tenant if c.wide else
                              self.may_be_told(c, t, res.t0) for t in ts):
                raise Wrong('it tells the id %s of %r' % (i, ts))
            g = self.graft_ids.get(i)
            if g and not (c.wide and g.tenant == c.viewer.tenant) and \
                    not (g.tenant == c.viewer.tenant and
                         (g.user == c.viewer.user or g.reaches(c.viewer))):
                raise Wrong('it tells of %r' % g)

    # --- callers -------------------------------------------------------

    def caller(self, bound=None):
        """bound: None as it comes, True, False."""
        r, w = self.r, self.w
        if w.owner:
            t, u = r.choice(list(w.users))
            return Caller(Viewer(t, u, self.some_session(t, u, bound)))
        while True:
            c = r.choice(w.creds)
            if c.revoked or c.expires or 'sync' in c.rights or \
                    'audit' in c.rights:
                continue
            if c.viewer.session and bound is False:
                continue
            v, user = c.viewer, None
            if c.admin and r.randrange(2):
                user = r.choice([u for t, u in w.users if t == v.tenant])
                v = Viewer(v.tenant, user)
            if not v.session:
                v = Viewer(v.tenant, v.user,
                           self.some_session(v.tenant, v.user, bound))
            return Caller(v, c, user)

    def some_session(self, t, u, bound):
        if bound is False or (bound is None and self.r.randrange(3)):
            return None
        if self.r.randrange(20) == 0 and bound is None:
            return NOBODY
        return self.r.choice(self.w.users[t, u])

    def thing(self, *kinds, of=None):
        """Any, of anybody; half of the time of the caller's tenant."""
        while True:
            t = self.r.choice(self.w.things)
            if t.kind not in kinds or t.gone:
                continue
            if of and t.tenant != of.tenant and self.r.randrange(3):
                continue
            return t

    def near(self, c, *kinds):
        """One that matters to a caller: own, by a graft, of the tenant, or
        any."""
        k, v = self.r.choice([0, 1, 1, 2, 3]), c.viewer
        for _ in range(2000):
            t = self.thing(*kinds)
            if k == 0 and not (t.tenant == v.tenant and t.user == v.user):
                continue
            if k == 1 and not (t.tenant == v.tenant and any(
                    g.user == t.user and g.session == t.session and
                    g.reaches(v) for g in self.active())):
                continue
            if k == 2 and t.tenant != v.tenant:
                continue
            return t
        return self.thing(*kinds)

    # --- ids -----------------------------------------------------------

    def nobodys(self, id):
        """An id of the same form that nothing has."""
        r = self.r
        while True:
            if id.startswith('fact:'):
                x = 'fact:%016x' % r.getrandbits(62)
            elif id.startswith('grip:'):
                x = id[:-12] + '%012x' % r.getrandbits(48)
            elif id.startswith('toc:segment:'):
                h = id.rsplit(':', 1)
                x = '%s:%0*x' % (h[0], len(h[1]), r.getrandbits(
                    4 * len(h[1])))
            elif ULID.fullmatch(id):
                x = id[:10] + ''.join(r.choice(
                    '0123456789ABCDEFGHJKMNPQRSTVWXYZ') for _ in range(16))
            else:
                x = ''.join(r.choice('bcdfghjklmnp') if ch.isalpha() else ch
                            for ch in id)
            if x not in self.w.by_id and x not in self.graft_ids and \
                    x != id:
                return x

    def same_as_nobodys(self, c, make, id, res, stdin=None):
        """res is the answer to another's id: that to nobody's is the same."""
        other = self.nobodys(id)
        shown = self.shown
        res2 = self.call(c, make(other),
                         stdin=stdin(other) if stdin else b'')
        a, b = self.without(res, id), self.without(res2, other)
        if a != b:
            raise Wrong('another\'s id is answered otherwise than '
                        'nobody\'s:\n  %s\n  %r\n  %s\n  %r' %
                        (shown, a, self.shown, b))

    def without(self, res, id):
        out = [res.rc]
        for x in res.out, res.err:
            x = x.replace(id.encode(), b'ID')
            out.append(x.replace(id.split(':', 1)[-1].encode(), b'ID'))
        return out

    # What asks by id, to read.
    BY_ID = {
        'event': [['mem-log', '--json', 'ID'],
                  ['mem-log', '--text', 'ID'],
                  ['mem-log', '--json', '--around', 'ID'],
                  ['mem-log', '--json', '-C', '2', 'ID'],
                  ['mem-toc', '--json', 'expand', 'ID'],
                  ['mem-search', '--json', 'id:ID'],
                  ['mem-search', '-c', 'id:ID']],
        'segment': [['mem-toc', '--json', 'ID'],
                    ['mem-toc', '--text', 'ID'],
                    ['mem-toc', '--json', 'expand', 'ID'],
                    ['mem-toc', '--json', 'history', 'ID'],
                    ['mem-toc', '--json', 'export', 'ID'],
                    ['mem-toc', 'export', '--format', 'html', 'ID'],
                    ['mem-toc', '--budget', '500', 'ID']],
        'grip': [['mem-toc', '--json', 'expand', 'ID'],
                 ['mem-toc', '--text', 'expand', '-C', '3', 'ID']],
        'fact': [['mem-ltm', '--json', 'explain', 'ID'],
                 ['mem-ltm', '--json', 'history', 'ID'],
                 ['mem-ltm', '--text', 'explain', 'ID'],
                 ['mem-ltm', '--json', 'list', '--history', 'ID']],
        'artifact': [['mem-artifact', '--json', 'get', 'ID'],
                     ['mem-artifact', '--json', 'head', 'ID'],
                     ['mem-artifact', 'content', 'ID'],
                     ['mem-artifact', '--json', 'verify', 'ID'],
                     ['mem-artifact', '--text', 'get', 'ID']],
    }
    # What changes by id: what is not one's own is not there.
    CHANGE = {
        'segment': [['mem-toc', 'pin', 'ID'], ['mem-toc', 'hide', 'ID'],
                    ['mem-toc', 'unmark', 'ID'],
                    ['mem-toc', 'rollback', 'ID', '1']],
        'grip': [['mem-toc', 'pin', 'ID'], ['mem-toc', 'hide', 'ID']],
        'fact': [['mem-ltm', 'pin', 'ID'], ['mem-ltm', 'unpin', 'ID'],
                 ['mem-ltm', 'expire', 'ID', '--reason', 'gone'],
                 ['mem-ltm', 'mark', 'ID', 'false_positive'],
                 ['mem-ltm', 'rollback', 'ID', '1']],
        'artifact': [['mem-artifact', 'delete', 'ID'],
                     ['mem-artifact', 'delete', '--dry-run', 'ID']],
    }

    def fill(self, argv, id):
        return [a.replace('ID', id) for a in argv]

    def op_by_id(self):
        c = self.caller()
        kind = self.r.choice(list(self.BY_ID))
        t = self.near(c, kind)
        argv = self.r.choice(self.BY_ID[kind])
        pipe = argv[-1] == 'ID' and self.r.randrange(5) == 0 and \
            argv[0] != 'mem-search' and 'content' not in argv and \
            'history' not in argv and '--around' not in argv and \
            'export' not in argv and '--history' not in argv and \
            kind != 'segment'
        if pipe:
            def make(id): return argv[:-1] + ['-']
            def stdin(id): return (id + '\n').encode()
        else:
            def make(id): return self.fill(argv, id)
            stdin = None
        res = self.call(c, make(t.id), stdin=stdin(t.id) if pipe else b'')
        ts = self.w.by_id[t.id]
        must = [x for x in ts if self.by(c, x, res.t0) is not None and
                self.by(c, x, res.t1) is not None]
        may = [x for x in ts if self.by(c, x, res.t0) is not None]
        if kind == 'segment' and argv[1:2] == ['--budget']:
            return               # for its events, too, see below
        if not may:
            self.same_as_nobodys(c, make, t.id, res, stdin)
        elif must and res.rc != 0:
            if 'verify' in argv:
                return           # it writes what it found, of one's own
            if kind in ('segment', 'grip') and argv[-2:-1] == ['expand'] or \
                    'expand' in argv:
                return           # events need not be granted
            raise Wrong('exit %d, but he may see %r\n%s' % (
                res.rc, must[0], res.err.decode()))
        elif must and kind == 'event' and 'expand' not in argv and \
                '-c' not in argv:
            if must[0].mark.encode() not in res.out:
                raise Wrong('%r is not told' % must[0])
        self.right_graft(c, res)

    def op_change_by_id(self):
        c = self.caller()
        kind = self.r.choice(list(self.CHANGE))
        t = self.near(c, kind)
        ts = self.w.by_id[t.id]
        if any(x.user in (c.viewer.user, None) and
               x.tenant == c.viewer.tenant for x in ts):
            return False         # own: the other operations change that
        argv = self.r.choice(self.CHANGE[kind])
        res = self.call(c, self.fill(argv, t.id))
        if not any(self.by(c, x, res.t0) for x in ts):
            self.same_as_nobodys(c, lambda id: self.fill(argv, id), t.id, res)
        elif res.rc == 0:
            raise Wrong('a graft let him change %r' % t)

    # --- grafts are named, and the right ones --------------------------

    def right_graft(self, c, res):
        """Each record says by which graft it is seen, or is one's own."""
        if not res.out.startswith(b'{'):
            return
        try:
            rows = res.records()
        except Wrong:
            return
        for o in rows:
            if o.get('type') == 'hit':
                # it says so itself, of what is in it
                hit, o = o, dict(o.get('record', {}))
                o.pop('graft', None)
                if 'graft' in hit:
                    o['graft'] = hit['graft']
            t = None
            for key, kinds in (('event_id', ('event',)),
                               ('grip_id', ('grip',)),
                               ('node_id', ('segment',)),
                               ('fact_id', ('fact',)),
                               ('artifact_id', ('artifact',))):
                if key in o and o.get('type') in (
                        'event', 'grip', 'toc_node', 'fact', 'artifact'):
                    t = [x for x in self.w.by_id.get(o[key], []) if
                         x.tenant == c.viewer.tenant and x.kind in kinds]
            if not t:
                continue
            bys = [self.by(c, x, res.t0) for x in t]
            if c.wide:
                continue
            if all(b is None for b in bys):
                raise Wrong('a record of %r, which he may not see' % t[0])
            by = bys[0] if len(bys) == 1 else None
            if by == '' and 'graft' in o:
                raise Wrong('his own %r is marked with a graft' % t[0])
            if by and 'graft' not in o:
                raise Wrong('%r is not marked with its graft' % t[0])
            if by and o['graft'] not in [g.id for g in by]:
                raise Wrong('%r is marked with %s, not one of %r' %
                            (t[0], o['graft'], by))

    # --- mem-log -------------------------------------------------------

    def events(self, c, now, session=None, pick=lambda t: True):
        v, out = c.viewer, []
        active = self.active()
        for t in self.w.things:
            if t.kind != 'event' or t.gone or t.tenant != v.tenant:
                continue
            if session and t.session != session:
                continue
            if pick(t) and sees(v, t, active, now) is not None:
                out.append(t)
        return sorted(out, key=lambda t: (t.start, t.id))

    def op_log(self):
        r = self.r
        c = self.caller()
        v = c.viewer
        argv, tests, session = ['mem-log', '--json'], [], v.session
        limit = 0
        if r.randrange(3) == 0:
            x = r.choice(ROLES2)
            argv += ['--role', x]
            tests.append(lambda t: t.more['role'] == x)
        if r.randrange(3) == 0:
            a = START + r.randrange(40) * DAY
            argv += ['-s', str(a)]
            tests.append(lambda t: t.start >= a)
        if r.randrange(3) == 0:
            b = START + r.randrange(40) * DAY
            argv += ['-u', str(b)]
            tests.append(lambda t: t.start < b)
        if r.randrange(4) == 0:
            ev = self.near(c, 'event')
            if ev.more['agent']:
                argv += ['--agent', ev.more['agent']]
                tests.append(lambda t: t.more['agent'] == ev.more['agent'])
        if r.randrange(3) == 0:
            limit = 1 + r.randrange(30)
            argv += ['-n', str(limit)]
        back = r.randrange(4) == 0
        if back:
            argv += ['--reverse']
        res = self.call(c, argv)
        self.log_is(c, res, session, lambda t: all(f(t) for f in tests),
                    limit, back)

    def log_is(self, c, res, session, pick, limit=0, back=False):
        a = self.events(c, res.t0, session, pick)
        b = self.events(c, res.t1, session, pick)
        if session and session == c.viewer.session:
            # bound: what is of another user's session of this name is told
            # only where it is asked for
            a = [t for t in a if t.user == c.viewer.user]
            b = [t for t in b if t.user == c.viewer.user]
        if a != b:
            return self.right_graft(c, res)
        if back:
            a.reverse()
        if limit and len(a) > limit:
            # the last ones where it goes forward?  as the tool says
            a = a[:limit] if back or self.args.first else a[:limit]
        got = [o['event_id'] for o in res.records() if o['type'] == 'event']
        if got != [t.id for t in a]:
            more = [x for x in got if x not in [t.id for t in a]]
            less = [t for t in a if t.id not in got]
            raise Wrong('mem-log: %d events, not %d; too many: %r; too few: '
                        '%r; order only: %s' % (len(got), len(a), more[:3],
                        less[:3], not more and not less))
        if (res.rc == 0) != bool(a):
            raise Wrong('exit %d with %d events' % (res.rc, len(a)))
        self.right_graft(c, res)

    def op_log_follow(self):
        c = self.caller()
        res = self.call(c, ['timeout', '-s', 'TERM', '0.05', 'mem-log',
                            '--json', '-f'] + c.options)
        self.right_graft(c, res)

    # --- sessions by name ----------------------------------------------

    NAMED = [['mem-log', '--json', '--session', 'ID'],
             ['mem-session', '--json', 'show', 'ID'],
             ['mem-session', '--text', 'show', 'ID'],
             ['mem-session', '--json', 'get', 'ID'],
             ['mem-session', '--json', 'get', 'ID', 'k1'],
             ['mem-session', '--json', 'files', 'ID'],
             ['mem-search', '--json', '--session', 'ID', 'WORD'],
             ['mem-search', '-c', '--session', 'ID', 'WORD'],
             ['mem-search', '--json', 'session:ID', 'WORD'],
             ['mem-search', '--json', '--in', 'session', 'session:ID', 'WORD'],
             ['mem-artifact', '--json', 'list', '--session', 'ID']]

    def op_session_named(self):
        c = self.caller()
        v = c.viewer
        t = self.near(c, 'event')
        name = t.session
        word = self.r.choice(COMMON)
        argv = [a.replace('WORD', word) for a in self.r.choice(self.NAMED)]
        if self.r.randrange(6) == 0 and name.startswith('talk') and \
                argv[0] == 'mem-session':
            name = name[:len(name) - 1 - self.r.randrange(5)]
        res = self.call(c, self.fill(argv, name), echo=[t.session])
        now = res.t0
        whose = [(ten, u) for (ten, u), ss in self.w.users.items()
                 if ten == v.tenant and any(s.startswith(name) for s in ss)]
        may = any(sees_session(v, u, s, self.active(), now) is not None
                  for ten, u in whose for s in self.w.users[ten, u]
                  if s.startswith(name))
        if not may:
            self.same_as_nobodys(c, lambda id: self.fill(argv, id), name, res)
        self.right_graft(c, res)

    def op_sessions(self):
        c = self.caller()
        v = c.viewer
        argv = ['mem-session', '--json', 'list']
        if self.r.randrange(4) == 0:
            argv += ['--reverse']
        res = self.call(c, argv)
        got = [(o['user'], o['session_id']) for o in res.records()]
        may, must = set(), set()
        for (t, u), ss in self.w.users.items():
            for s in ss:
                if t != v.tenant:
                    continue
                if sees_session(v, u, s, self.active(), res.t0) is not None:
                    may.add((u, s))
                if sees_session(v, u, s, self.active(), res.t1,
                                KINDS['event']) is not None:
                    must.add((u, s))
        if set(got) - may or must - set(got) or len(set(got)) != len(got):
            raise Wrong('sessions: too many %r, too few %r' % (
                sorted(set(got) - may)[:3], sorted(must - set(got))[:3]))

    # --- search --------------------------------------------------------

    def op_search_count(self):
        c = self.caller()
        word = self.r.choice(COMMON)
        res = self.call(c, ['mem-search', '-c', '--in', 'event', '--mode',
                            'text', word])
        a = self.events(c, res.t0, None, lambda t: word in t.words)
        b = self.events(c, res.t1, None, lambda t: word in t.words)
        if a == b and int(res.out or b'0') != len(a):
            raise Wrong('%s hits, not %d' % (res.out.decode().strip(),
                                             len(a)))

    def op_search_all(self):
        c = self.caller()
        word = self.r.choice(COMMON)
        kind, source = self.r.choice([
            ('event', 'event'), ('event', 'event'), ('fact', 'fact'),
            ('record', 'kb')])
        res = self.call(c, ['mem-search', '--json', '-n', '0', '--no-fold',
                            '--in', source, '--mode', 'text', word])
        want = []
        for now in (res.t0, res.t1):
            want.append(sorted(t.id for t in self.w.things if t.kind == kind
                        and word in t.words and
                        self.by(c, t, now) is not None))
        rows = [o for o in res.records() if o['type'] == 'hit']
        got = sorted(o['record'].get('record_id', o['id']).split('/')[-1]
                     for o in rows)
        if want[0] == want[1] and got != want[0]:
            raise Wrong('%d hits, not %d; too many %r, too few %r' % (
                len(got), len(want[0]),
                [x for x in got if x not in want[0]][:3],
                [x for x in want[0] if x not in got][:3]))
        self.right_graft(c, res)

    def op_search_mark(self):
        c = self.caller()
        kind = self.r.choice(['event', 'event', 'fact', 'artifact',
                              'record'])
        t = self.near(c, kind)
        source = {'record': 'kb'}.get(kind, kind)
        argv = ['mem-search', '--json', '--mode', 'text', '--in', source,
                t.mark]
        if self.r.randrange(4) == 0:
            argv.insert(1, '--explain')
        res = self.call(c, argv)
        may = self.by(c, t, res.t0) is not None
        must = may and self.by(c, t, res.t1) is not None
        hits = [o for o in res.records() if o['type'] == 'hit']
        hits = [o for o in hits if o['record'].get(
            'record_id', o['id']).split('/')[-1] == t.id]
        if hits and not may:
            raise Wrong('found: %r' % t)
        if must and len(hits) != 1:
            raise Wrong('%d hits for %r' % (len(hits), t))
        self.right_graft(c, res)
        if not may:
            # nor does it say that there is such a word
            other = MARK.search(self.w.word(None)).group()
            del self.w.marks[other]
            res2 = self.call(c, argv[:-1] + [other])
            if (res.rc, res.out, res.err.replace(t.mark.encode(), b'W')) != \
                    (res2.rc, res2.out, res2.err.replace(
                        other.encode(), b'W')):
                raise Wrong('a word of another\'s is answered otherwise than '
                            'one of nobody\'s: %r %r' % (
                                res.out + res.err, res2.out + res2.err))

    def query(self, c):
        r, q = self.r, []
        for _ in range(1 + r.randrange(3)):
            k = r.randrange(12)
            w = r.choice(COMMON)
            if k < 5:
                q.append(w)
            elif k == 5:
                q.append(w[:4] + '*')
            elif k == 6:
                i = r.randrange(1, len(w) - 1)
                q.append(w[:i] + w[i + 1:])      # misspelt
            elif k == 7:
                q.append('zq*')
            elif k == 8:
                m = self.near(c, 'event').mark
                i = r.randrange(2, len(m) - 1)
                q.append(m[:i] + r.choice('bcdf') + m[i + 1:])
            elif k == 9:
                q.append('role:user')
            elif k == 10:
                q.append('-' + w)
            else:
                q.append('(%s OR %s)' % (w, r.choice(COMMON)))
        return ' '.join(q)

    def op_search_any(self):
        r = self.r
        c = self.caller()
        argv = ['mem-search']
        js = r.randrange(4) > 0
        argv += ['--json'] if js else [r.choice(['--text', '--format=csv',
                                                 '--format=ids', '-l'])]
        for o in (['--explain'], ['-n', '0'], ['-C', '2'], ['--no-fold'],
                  ['--mode', 'hybrid'], ['--recent', '10'],
                  ['--since', str(START + r.randrange(30) * DAY)],
                  ['--as-of', '2026-11-01'], ['--budget', '2000'],
                  ['--role', 'user'], ['-v'],
                  ['--in', r.choice(['toc', 'grip', 'toc,grip', 'artifact',
                                     'session', 'fact',
                                     'event,kb,toc,grip,fact,artifact'])],
                  ['--in', 'session'], ['--fields', 'id,score,snippet']):
            if r.randrange(5) == 0:
                argv += o
        if r.randrange(6) == 0:
            qs = [self.query(c) for _ in range(3)]
            res = self.call(c, argv + ['--batch', '-'],
                            stdin='\n'.join(qs).encode())
        else:
            res = self.call(c, argv + ['--', self.query(c)])
        if js and '--fields' not in argv and '--budget' not in argv:
            self.right_graft(c, res)
            self.channels(c, res)

    def channels(self, c, res):
        """A hit in contents is by contents, one of an event by events."""
        for o in res.records():
            ch = {'event': 'event', 'session': 'event', 'toc': 'contents',
                  'grip': 'contents'}.get(o.get('source'))
            if not ch:
                continue
            given = ' '.join(res.argv)
            for m in set(MARK.findall(json.dumps(o))):
                t = self.w.marks.get(m.lower())
                if isinstance(t, Thing) and t.kind == 'event' and \
                        m not in given and \
                        not self.may_be_told(c, t, res.t0, ch):
                    raise Wrong('a hit of %s tells %r' % (ch, t))

    # --- contents, facts, artifacts, files -----------------------------

    def op_toc(self):
        c = self.caller()
        argv = ['mem-toc'] + self.r.choice([
            ['--json'], ['--text'], ['--json', '-d', '9'],
            ['--text', '-d', '9'], ['--json', 'export'],
            ['export', '--format', 'html'], ['export', '--format', 'md'],
            ['--json', '2026'], ['--json', '2026-09'],
            ['--json', '-d', '4', 'toc:month:2026-10'],
            ['--json', 'history', 'toc:month:2026-10'],
            ['--json', 'diff', 'toc:year:2026'],
            ['--json', 'expand', 'toc:month:2026-09'],
            ['--budget', '800'], ['--budget', '800', '--query', 'harbour'],
            ['--as-of', '2026-11-20', '--json', '-d', '9']])
        res = self.call(c, argv)
        if '--json' not in argv:
            return
        self.right_graft(c, res)
        if c.viewer.session:
            for o in res.records():
                if o['type'] == 'toc_node' and o['level'] != 'segment':
                    raise Wrong('bound, and it tells of a %s' % o['level'])
        if argv[1:] == ['--json', 'export']:
            got = set(o['node_id'] for o in res.records()
                      if o['type'] == 'toc_node')
            for t in self.w.things:
                if t.kind == 'segment' and self.by(
                        c, t, res.t1) == '' and t.id not in got:
                    raise Wrong('%r is not told' % t)

    def op_facts(self):
        c = self.caller()
        argv = ['mem-ltm', '--json', 'list']
        k = self.r.randrange(5)
        scope = None
        if k < 3:
            scope = ['session', 'user', 'tenant'][k]
            argv += ['--scope', scope]
        res = self.call(c, argv)
        self.same_set(c, res, 'fact', 'fact_id', lambda t: scope is None or
                      scope == ('tenant' if t.user is None else 'session' if
                                t.session else 'user'))
        self.right_graft(c, res)

    def op_artifacts(self):
        c = self.caller()
        res = self.call(c, ['mem-artifact', '--json', 'list'])
        self.same_set(c, res, 'artifact', 'artifact_id', lambda t: True)
        self.right_graft(c, res)

    def same_set(self, c, res, kind, key, pick):
        want = []
        for now in (res.t0, res.t1):
            want.append(set(t.id for t in self.w.things if t.kind == kind and
                            pick(t) and self.by(c, t, now) is not None))
        got = set(o[key] for o in res.records() if key in o)
        if want[0] == want[1] and got != want[0]:
            raise Wrong('%ss: too many %r, too few %r' % (
                kind, [self.w.by_id.get(x) for x in got - want[0]][:3],
                [self.w.by_id.get(x) for x in want[0] - got][:3]))

    def op_content(self):
        c = self.caller()
        t = self.near(c, 'artifact')
        res = self.call(c, ['mem-artifact', 'content', t.id])
        has = t.more['inside'].encode() in res.out
        if has and self.by(c, t, res.t0) is None:
            raise Wrong('the bytes of %r' % t)
        if not has and self.by(c, t, res.t0) is not None and \
                self.by(c, t, res.t1) is not None:
            raise Wrong('not the bytes of %r' % t)

    def op_variable(self):
        c = self.caller()
        t = self.near(c, 'variable')
        if t.more.get('old'):
            return False
        verb = self.r.choice(['get', 'get', 'show', 'all'])
        argv = ['mem-session', '--json'] + {
            'get': ['get', t.session, t.more['key']],
            'all': ['get', t.session],
            'show': ['show', t.session]}[verb]
        res = self.call(c, argv)
        has = t.mark.encode() in res.out
        may = self.by(c, t, res.t0)
        if has and may is None:
            raise Wrong('the value of %r' % t)
        # another session of this name may stand before it
        twin = sum(t.session in ss for (ten, u), ss in self.w.users.items()
                   if ten == c.viewer.tenant and (u == t.user or sees_session(
                       c.viewer, u, t.session, self.active(), res.t0)
                       is not None))
        if not has and may is not None and twin == 1 and \
                self.by(c, t, res.t1) is not None:
            raise Wrong('not the value of %r: exit %d %r' % (t, res.rc,
                                                             res.err))

    def op_file(self):
        c = self.caller()
        t = self.near(c, 'file')
        argv = ['mem-session', '--json', 'files', t.session]
        res = self.call(c, argv)
        has = t.mark.encode() in res.out
        may = self.by(c, t, res.t0)
        if has and may is None:
            raise Wrong('the file %r' % t)
        if not has and may == '' and self.by(c, t, res.t1) == '':
            raise Wrong('not the file %r' % t)
        p = self.call(c, ['mem-session', 'path', t.session, 'inputs',
                          t.mark + '.txt'])
        path = p.out.decode().strip()
        mine = self.w.users[c.viewer.tenant, c.viewer.user]
        if p.rc == 0 and c.viewer.session is None and \
                '/files/%s/' % c.viewer.user in path and \
                t.session not in mine:
            mine.append(t.session)       # it is his own from now on
        if may is None and path and os.path.exists(path):
            with open(path, errors='replace') as f:
                if t.more['inside'] in f.read():
                    raise Wrong('the path to %r' % t)

    # --- what else prints ----------------------------------------------

    def op_complete(self):
        c = self.caller()
        r = self.r
        tool = r.choice(['mem-log', 'mem-search', 'mem-session', 'mem-toc',
                         'mem-ltm', 'mem-artifact', 'mem-admin', 'mem-sync',
                         'mem-index', 'mem-ingest'])
        what = r.choice(['--session', '--agent', '--user', '--tenant', '--kb',
                         'show', 'get'])
        if self.w.owner and what in ('--user', '--tenant', '--agent'):
            return False         # the owner of a store may name them
        if what == '--kb':
            return False
        prefix = r.choice(['', '', 'talk', 's', 'zq'])
        argv = [tool, '--complete', what, prefix]
        if what in ('show', 'get'):
            argv = ['mem-session', '--complete', what, prefix]
        opts, c.options = c.options, []
        argv[2:2] = opts
        # the words of completion: options of a caller stand behind it
        wide = c.wide
        c.wide = wide or (c.cred is not None and c.cred.admin)
        res = self.call(c, argv)
        c.wide = wide
        if tool == 'mem-log' and what == '--session' and not prefix:
            got = set(res.out.decode().split('\n'))
            want = [s for s in self.w.users.get(
                (c.viewer.tenant, c.viewer.user), [])
                if c.viewer.session in (None, s)]
            if [s for s in want if s not in got]:
                raise Wrong('completion does not offer %r' % [
                    s for s in want if s not in got][:3])

    def op_admin(self):
        if self.w.owner:
            return False
        c = self.caller()
        r = self.r
        argv = ['mem-admin'] + r.choice([
            ['stats'], ['--json', 'stats'], ['--json', 'stats',
            '--all-tenants'], ['--json', 'audit'], ['--json', 'audit',
            '--all-tenants'], ['--json', 'check'], ['--json', 'check',
            '--all-tenants'], ['tenant', 'list'], ['credential', 'list'],
            ['audit', 'verify'], ['config', 'list'], ['schema'],
            ['compact', '--dry-run'], ['--json', 'key', 'list'],
            ['stats', '--format', 'prometheus']])
        if r.randrange(4) == 0:
            a = [x for x in self.w.creds if 'audit' in x.rights]
            x = r.choice(a)
            c = Caller(x.viewer, x)
        c.wide = 'admin' in c.cred.rights or 'audit' in c.cred.rights
        # the audit log has the ids that somebody of the tenant asked for
        self.call(c, argv, echo=self.w.by_id if 'audit' in argv else ())

    def op_misc(self):
        """What prints besides: indexes, sync, from, contents of a build."""
        c = self.caller()
        argv = self.r.choice([
            ['mem-index', '--verify'], ['mem-sync', '--json', 'status'],
            ['mem-sync', '--json', 'status', '--dirty'],
            ['mem-sync', 'lease', 'show'], ['mem-session', 'scan'],
            ['mem-ltm', '--json', 'review', '--facts', '/dev/null'],
            ['mem-ltm', '--json', 'run', '--dry-run'],
            ['mem-ltm', '--json', 'live', '--dry-run'],
            ['mem-artifact', '--json', 'reconcile', '--dry-run'],
            ['mem-artifact', '--json', 'rekey', '--dry-run'],
            ['mem-artifact', '--json', 'capabilities'],
            ['mem-sync', 'export', '-'],
            ['mem-sync', 'export', '-', self.thing('event').session],
            ['mem-session', 'archive', '--dry-run',
             self.thing('event').session]])
        # the owner of a store may look after all of it
        c.wide = self.w.owner and c.viewer.session is None and \
            argv[0] in ('mem-sync', 'mem-index', 'mem-artifact')
        self.call(c, argv)

    def op_denied(self):
        """Options that name others are denied, whether they are there or
        not, in one text."""
        if self.w.owner:
            return False
        c = self.caller()
        if c.cred.admin:
            return False
        v = c.viewer
        ts, us = self.w.tenants, [u for t, u in self.w.users
                                  if t == v.tenant and u != v.user]
        tool = self.r.choice([['mem-log'], ['mem-search', 'harbour'],
                              ['mem-session', 'list'], ['mem-toc'],
                              ['mem-ltm', 'list'], ['mem-artifact', 'list'],
                              ['mem-index']])
        o, a = self.r.choice([
            ('--user', self.r.choice(us)),
            ('--tenant', self.r.choice([t for t in ts if t != v.tenant]))])
        r1 = self.call(c, tool + [o, a])
        r2 = self.call(c, tool + [o, 'nobody'])
        if r1.rc != 2 or r1.out:
            raise Wrong('%s is not denied: exit %d' % (o, r1.rc))
        if (r1.rc, r1.out, r1.err) != (r2.rc, r2.out, r2.err):
            raise Wrong('%s: %r, and of nobody %r' % (o, r1.err, r2.err))

    def op_ended(self):
        """One that is over shows nothing."""
        if self.w.owner:
            return False
        over = [x for x in self.w.creds if x.revoked or
                (x.expires and x.expires < time.time() - 1)]
        if not over:
            return False
        x = self.r.choice(over)
        c = Caller(x.viewer, x)
        argv = self.r.choice([['mem-log'], ['mem-search', 'harbour'],
                              ['mem-session', 'list'], ['mem-toc', '-d', '9'],
                              ['mem-ltm', 'list'], ['mem-artifact', 'list'],
                              ['mem-log', '--complete', '--session', '']])
        res = self.call(c, argv)
        if res.out or ('--complete' not in argv and res.rc != 2):
            raise Wrong('it still lets in: exit %d %r' % (res.rc, res.out))

    # --- what changes --------------------------------------------------

    def writes(self, c):
        return c.cred is None or c.cred.admin or 'write' in c.cred.rights

    def number_of(self, v):
        return list(self.w.users).index((v.tenant, v.user))

    def op_write(self):
        r = self.r
        c = self.caller()
        v = c.viewer
        if v.session == NOBODY:
            return False
        s = v.session or r.choice(self.w.users[v.tenant, v.user])
        asked = s
        foreign = r.randrange(5)
        if foreign == 0:         # of another session of his, or of a new one
            asked = r.choice(self.w.users[v.tenant, v.user])
        old = [t for t in self.w.things if t.kind == 'event' and
               t.tenant == v.tenant and t.user == v.user and
               t.session == asked]
        at = max([t.start for t in old] or [START]) + 1000 + r.randrange(
            60000)
        t = self.w.new_event(self.number_of(v), v, asked, at)
        line = dict(t.more['json'])
        other = None
        if foreign == 1 and c.cred is not None and not c.cred.admin:
            other = line['user'] = r.choice(
                [u for x, u in self.w.users if u != v.user])
        res = self.call(c, ['mem-ingest', '--ack'],
                        stdin=json.dumps(line).encode())
        ok = self.writes(c) and not other and v.session in (None, asked)
        acks = [o for o in res.records() if o['type'] == 'ack'] if \
            res.out else []
        stored = bool(acks) and acks[0]['status'] == 'stored'
        if stored:
            t.id = acks[0]['id']
            self.w.add(t)
        if stored != ok:
            raise Wrong('%s, and should %s: %r %r' % (
                'it was stored' if stored else 'it was not stored',
                'have been' if ok else 'not', res.out, res.err))

    def op_write_fact(self):
        c = self.caller()
        v = c.viewer
        if v.session == NOBODY:
            return False
        scope = self.r.choice(['user', 'tenant', 'session'])
        if scope == 'session' and not v.session:
            return False
        mark = self.w.word(None)
        word = self.r.choice(COMMON)
        res = self.call(c, ['mem-ltm', 'add', '--json', '--scope', scope,
                            mark + ' ' + word])
        ok = self.writes(c)
        if scope == 'tenant' and c.cred is not None:
            ok = c.cred.admin or 'tenant-write' in c.cred.rights
        if (res.rc == 0) != ok:
            raise Wrong('a fact of scope %s: exit %d: %r' % (
                scope, res.rc, res.err))
        if res.rc == 0:
            o = res.records()[0]
            self.w.add(Thing('fact', v.tenant,
                             None if scope == 'tenant' else v.user,
                             v.session if scope == 'session' else None,
                             mark, id=o['fact_id'], words=[word]))

    def op_write_variable(self):
        c = self.caller()
        v = c.viewer
        if v.session == NOBODY:
            return False
        mine = self.w.users[v.tenant, v.user]
        s = self.r.choice([v.session or self.r.choice(mine),
                           self.r.choice(mine)])
        key = 'k%d' % self.r.randrange(3)
        mark = self.w.word(None)
        res = self.call(c, ['mem-session', 'set', s, key, mark])
        ok = self.writes(c) and v.session in (None, s)
        if (res.rc == 0) != ok:
            raise Wrong('set in %s: exit %d: %r' % (s, res.rc, res.err))
        if ok:
            for t in self.w.things:
                if t.kind == 'variable' and not t.gone and \
                        (t.tenant, t.user, t.session, t.more['key']) == \
                        (v.tenant, v.user, s, key):
                    t.gone = True
            self.w.add(Thing('variable', v.tenant, v.user, s, mark, key=key))

    def op_write_file(self):
        c = self.caller()
        v = c.viewer
        if v.session == NOBODY or not self.writes(c):
            return False
        mine = self.w.users[v.tenant, v.user]
        s = v.session or self.r.choice(mine)
        mark, inside = self.w.word(None), self.w.word(None)
        path = os.path.join(self.w.folder, mark + '.txt')
        with open(path, 'w') as f:
            f.write(inside + '\n')
        res = self.call(c, ['mem-session', 'put', s, 'inputs', path])
        os.unlink(path)
        if res.rc != 0:
            raise Wrong('put into %s: exit %d: %r' % (s, res.rc, res.err))
        t = self.w.add(Thing('file', v.tenant, v.user, s, mark,
                             inside=inside))
        self.w.marks[inside] = t

    def op_write_artifact(self):
        c = self.caller()
        v = c.viewer
        if v.session == NOBODY or not self.writes(c):
            return False
        s = self.r.choice([None, v.session or self.r.choice(
            self.w.users[v.tenant, v.user])])
        mark, inside = self.w.word(None), self.w.word(None)
        res = self.call(c, ['mem-artifact', 'put', '--json', '--name',
                            mark + '.txt'] +
                        (['--session', s] if s else []) + ['-'],
                        stdin=inside.encode())
        if res.rc != 0:
            raise Wrong('put: exit %d: %r' % (res.rc, res.err))
        o = res.records()[0]
        t = Thing('artifact', v.tenant, v.user, o.get('session_id'), mark,
                  id=o['artifact_id'], inside=inside)
        self.w.marks[inside] = t
        self.w.add(t)

    def op_forget(self):
        c = self.caller()
        t = self.near(c, 'event')
        line = {'type': 'tombstone', 'target': 'event', 'id': t.id}
        res = self.call(c, ['mem-ingest', '--ack'],
                        stdin=json.dumps(line).encode())
        own = self.writes(c) and self.by(c, t, res.t0) == '' and \
            t.tenant == c.viewer.tenant
        if own:
            if res.rc != 0:
                raise Wrong('not forgotten: %r %r' % (res.out, res.err))
            t.gone = True
            self.w.read_contents((t.tenant, t.user))
            return
        if not self.writes(c):
            return
        same = [x for x in self.w.by_id.get(t.id, [])]
        if len(same) == 1:
            # nothing went: its owner still has it
            o = Caller(Viewer(t.tenant, t.user))
            if not self.w.owner:
                p = self.w.owner_cred(o.viewer)
                if p is None:
                    return
                o.cred = next(x for x in self.w.creds if x.path == p)
            if t.mark.encode() not in self.call(
                    o, ['mem-log', '--json', t.id]).out:
                raise Wrong('another one\'s tombstone took %r away' % t)

    def op_build(self):
        c = self.caller(bound=False)
        if not self.writes(c):
            return False
        if self.r.randrange(2):
            c.wide = c.cred is None or c.cred.admin
            self.call(c, ['mem-index', '--json', '--nice', '0'] +
                      self.r.choice([[], [], ['--rebuild']]))
            return
        res = self.call(c, ['mem-toc', '--json', 'build'])
        if res.rc != 0:
            raise Wrong('exit %d: %r' % (res.rc, res.err))
        # the owner of a store builds for all of its users
        self.w.read_contents(None if self.w.owner else
                             (c.viewer.tenant, c.viewer.user))

    # --- grafts, credentials -------------------------------------------

    def op_graft(self):
        g = self.w.random_graft(None)
        if self.r.randrange(3) == 0:
            g.expires = int(time.time() * 1000) + 500 + self.r.randrange(
                4000)
        if not self.cli:
            return self.graft_by_hand(g)
        v = Viewer(g.tenant, g.user)
        c = Caller(v)
        if not self.w.owner:
            p = [x for x in self.w.creds if x.viewer and x.viewer.key() ==
                 v.key() and not x.revoked and not x.expires and
                 'write' in x.rights]
            if not p:
                return False
            c.cred = p[0]
        to = g.to if g.to == 'tenant' else '%s:%s' % (g.to, g.name)
        argv = ['mem-session', '--json', 'graft', g.session, '--to', to]
        if g.kinds != ALL:
            argv += ['--only', ','.join(
                n for i, n in enumerate(KIND_NAMES) if g.kinds >> i & 1)]
        if g.since is not None:
            argv += ['--from', str(g.since), '--before', str(g.until)]
        if g.expires != NEVER:
            argv += ['--until', str(g.expires)]
        res = self.call(c, argv, echo=[g.name])
        if res.rc != 0:
            if g.to == 'user' and g.name == g.user or \
                    g.to == 'session' and g.name == g.session:
                return           # to oneself: it need not be taken
            if g.since is not None and g.kinds & ~3 and g.kinds != ALL:
                return           # a range of what has no time
            raise Wrong('graft: exit %d: %r' % (res.rc, res.err))
        o = res.records()[0]
        g.id = o.get('graft_id') or o.get('id')
        g.by = c.cred.name if c.cred else g.user
        self.w.grafts.append(g)
        self.graft_ids[g.id] = g

    def graft_by_hand(self, g):
        """Where there is no verb for it."""
        db = sqlite3.connect(os.path.join(self.w.store, 'tenants', g.tenant,
                                          'memory.db'), timeout=10)
        raw = self.r.getrandbits(128).to_bytes(16, 'big')
        raw = bytes([raw[0] & 0x7f]) + raw[1:]
        n = int.from_bytes(raw, 'big')
        g.id = ''.join('0123456789ABCDEFGHJKMNPQRSTVWXYZ'[n >> 5 * i & 31]
                       for i in range(25, -1, -1))
        s = db.execute('SELECT s.seq FROM session s JOIN user u ON u.id = '
                       's.user WHERE u.name = ? AND s.name = ?',
                       (g.user, g.session)).fetchone()[0]
        db.execute('INSERT INTO graft (id, session, to_kind, to_name, kinds, '
                   'since, until, expires, created, by) VALUES '
                   '(?,?,?,?,?,?,?,?,?,?)',
                   (raw, s, ['session', 'user', 'tenant'].index(g.to),
                    g.name, g.kinds, -62135596800000 if g.since is None else
                    g.since, 253402300800000 if g.until is None else g.until,
                    None if g.expires == NEVER else g.expires,
                    int(time.time() * 1000), g.user))
        db.commit()
        db.close()
        self.w.grafts.append(g)
        self.graft_ids[g.id] = g
        self.shown = 'by hand: %r' % g

    def op_ungraft(self):
        if not self.active():
            return False
        g = self.r.choice(self.active())
        if not self.cli:
            db = sqlite3.connect(os.path.join(
                self.w.store, 'tenants', g.tenant, 'memory.db'), timeout=10)
            raw = 0
            for ch in g.id:
                raw = raw << 5 | '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.index(ch)
            db.execute('UPDATE graft SET revoked = 1 WHERE id = ?',
                       (raw.to_bytes(16, 'big'),))
            db.commit()
            db.close()
            g.revoked = True
            return
        c = self.caller()
        own = g.tenant == c.viewer.tenant and g.user == c.viewer.user and \
            c.viewer.session is None and self.writes(c)
        res = self.call(c, ['mem-session', '--json', 'ungraft', g.id])
        if res.rc == 0 and own:
            g.revoked = True
            return
        if own:
            raise Wrong('ungraft: exit %d: %r' % (res.rc, res.err))
        if res.rc == 0:
            raise Wrong('he revoked %r' % g)
        if not g.reaches(c.viewer) and g.user != c.viewer.user:
            self.same_as_nobodys(
                c, lambda id: ['mem-session', '--json', 'ungraft', id],
                g.id, res)

    def op_grafts(self):
        if not self.cli:
            return False
        c = self.caller()
        argv = ['mem-session', '--json', 'grafts'] + self.r.choice(
            [[], ['--in'], ['--out']])
        res = self.call(c, argv)
        v = c.viewer
        got = set(o.get('graft_id') or o.get('id') for o in res.records())
        for g in self.active():
            if '--in' not in argv and v.session is None and \
                    (g.tenant, g.user) == (v.tenant, v.user) and \
                    g.id not in got:
                raise Wrong('its giver is not told of %r' % g)
            if '--out' not in argv and g.reaches(v) and g.active(res.t1) and \
                    g.user != v.user and g.id not in got:
                raise Wrong('its receiver is not told of %r' % g)

    def op_credential(self):
        """Those that end: revoked, or of a second or two."""
        if self.w.owner:
            return False
        r = self.r
        mine = [x for x in self.w.creds if x.viewer and not x.admin and
                getattr(x, 'extra', False) and not x.revoked]
        if mine and r.randrange(2):
            x = r.choice(mine)
            self.w.run(['mem-admin', '--tenant', x.viewer.tenant,
                        'credential', 'revoke', x.name],
                       cred=self.w.admin_cred())
            x.revoked = True
            return
        t, u = r.choice(list(self.w.users))
        s = r.choice(self.w.users[t, u]) if r.randrange(2) else None
        until = time.time() + 1 + r.random() * 2 if r.randrange(2) else None
        x = self.w.new_credential(Viewer(t, u, s), ['read', 'write'],
                                  until=str(int(until * 1000)) if until
                                  else None)
        x.extra, x.expires = True, until

    # --- what one writes changes nothing for others --------------------

    def all_of(self, c):
        """What one can print of one's own, as bytes."""
        out = []
        for argv in (['mem-log', '--json'], ['mem-log', '--json', '-n', '3',
                     '--reverse'], ['mem-session', '--json', 'list'],
                     ['mem-session', '--json', 'grafts'],
                     ['mem-toc', '--json', '-d', '9'],
                     ['mem-toc', 'export'], ['mem-toc', '--budget', '900'],
                     ['mem-ltm', '--json', 'list'],
                     ['mem-artifact', '--json', 'list'],
                     ['mem-log', '--complete', '--session', ''],
                     ['mem-search', '--json', '-n', '0', '--explain',
                      '--in', 'event,toc,grip,fact,artifact', 'harbour'],
                     ['mem-search', '--json', '--explain', 'lantern budget'],
                     ['mem-search', '-c', 'copper'],
                     ['mem-search', '--json', '--in', 'session', 'violin'],
                     ['mem-search', '--json', 'harbuor'],
                     ['mem-search', '--json', 'zqbbbbbcx'],
                     ['mem-search', '--json', '-C', '2', 'zq*'],
                     ['mem-search', '--text', 'granite velvet']):
            res = self.call(c, argv)
            out.append((argv, res.rc, res.out, res.err))
        return out

    def op_apart(self):
        r = self.r
        now = time.time() * 1000
        reach = [g for g in self.w.grafts if g.active(now)]
        for _ in range(300):
            a, b = self.caller(), self.caller(bound=False)
            if a.viewer.session == NOBODY or \
                    (a.viewer.tenant, a.viewer.user) == \
                    (b.viewer.tenant, b.viewer.user):
                continue
            if any((g.reaches(a.viewer) or g.user == a.viewer.user) and (
                    g.expires != NEVER or (
                    g.tenant, g.user) == (b.viewer.tenant, b.viewer.user))
                   for g in reach):
                continue
            if self.writes(b):
                break
        else:
            return False
        before = self.all_of(a)
        keep = self.caller
        self.caller = lambda bound=None: b
        # an administrator's facts of the tenant are not b's own
        try:
            done = []
            for _ in range(4):
                op = r.choice([self.op_write, self.op_write_variable,
                               self.op_write_file, self.op_write_artifact,
                               self.op_forget] + [self.op_build] *
                              (0 if self.w.owner else 2))
                op()
                done.append(self.shown)
        finally:
            self.caller = keep
        for (argv, *x), (_, *y) in zip(before, self.all_of(a)):
            if x != y:
                raise Wrong('%r was told otherwise by %s after:\n  %s\n'
                            '  %r\n  %r' % (a.viewer, ' '.join(argv),
                                            '\n  '.join(done),
                                            *first_difference(x, y)))

    # --- all together --------------------------------------------------

    WEIGHTS = {'by_id': 16, 'change_by_id': 8, 'log': 10, 'log_follow': 1,
               'session_named': 10, 'sessions': 4, 'search_count': 5,
               'search_all': 5, 'search_mark': 8, 'search_any': 14, 'toc': 6,
               'facts': 5, 'artifacts': 4, 'content': 3, 'variable': 5,
               'file': 4, 'complete': 5, 'admin': 3, 'misc': 3, 'denied': 3,
               'ended': 2, 'write': 5, 'write_fact': 3, 'write_variable': 2,
               'write_file': 1, 'write_artifact': 1, 'forget': 2, 'build': 2,
               'graft': 4, 'ungraft': 3, 'grafts': 3, 'credential': 2,
               'apart': 1}

    def go(self):
        names = [n for n, k in self.WEIGHTS.items() for _ in range(k)]
        if self.args.only:
            names = self.args.only.split(',')
        for _ in range(20 if self.args.small else 40):
            self.op_graft()
        failed, seen = 0, {}
        at = 0
        while self.calls < self.args.ops:
            name = self.r.choice(names)
            at += 1
            if os.environ.get('MEM_TRACE'):
                print('# %d %s' % (at, name), flush=True)
            try:
                if getattr(self, 'op_' + name)() is not False:
                    self.count[name] = self.count.get(name, 0) + 1
            except (Wrong, Failed, KeyError, ValueError, IndexError,
                    TypeError) as x:
                if not isinstance(x, (Wrong, Failed)):
                    import traceback
                    traceback.print_exc(file=sys.stdout)
                failed += 1
                print('# seed %d, step %d, %s%s: %s\n# %s' % (
                    self.args.seed, at, name,
                    ' (owner)' if self.w.owner else '',
                    str(x)[:2000].replace('\n', '\n#   '), self.shown),
                    flush=True)
                if failed >= self.args.most:
                    break
        print('# %d calls: %s' % (self.calls, ' '.join(
            '%s %d' % i for i in sorted(self.count.items()))))
        return failed


ROLES2 = ['user', 'assistant']


def first_difference(a, b):
    for x, y in zip(a, b):
        if x != y:
            if not isinstance(x, bytes):
                return x, y
            for l, m in zip(x.split(b'\n'), y.split(b'\n')):
                if l != m:
                    return l[:700], m[:700]
            return x[-300:], y[-300:]
    return None, None


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--seed', type=int, default=int(time.time()))
    p.add_argument('--ops', type=int, default=400)
    p.add_argument('--small', action='store_true')
    p.add_argument('--owner', action='store_true')
    p.add_argument('--only')
    p.add_argument('--keep')
    p.add_argument('--most', type=int, default=5)
    p.add_argument('--first', action='store_true')
    args = p.parse_args()
    folder = args.keep or tempfile.mkdtemp(prefix='memkit-isolation.')
    if args.keep:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    print('# seed %d' % args.seed, flush=True)
    try:
        w = World(args.seed, folder, owner=args.owner,
                  sessions=6 if args.small else 20,
                  events=3 if args.small else 5)
        w.make()
        failed = Driver(w, args).go()
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
