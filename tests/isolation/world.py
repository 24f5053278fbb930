"""
A world: tenants, users, sessions and what is in them, made by the tools from
a seed.  Each thing has a word that nothing else has ("zq", letters, "x"), so
that it is known wherever it turns up, and common words, which counts and
scores are made of.
"""
import json
import os
import random
import re
import subprocess

from rules import ALL, Graft, Thing, Viewer

COMMON = ['harbour', 'lantern', 'budget', 'copper', 'meadow', 'violin',
          'granite', 'pepper', 'saddle', 'tunnel', 'orchard', 'velvet']
START = 1790000000000            # 2026-09-21
DAY = 86400000
ROLES = ['user', 'assistant', 'system', 'tool']
MARK = re.compile(r'zq[b-df-hj-np-tv-z]{9}x', re.I)
LETTERS = 'bcdfghjklmnpqrstvw'


class Failed(Exception):
    pass


class Credential:
    def __init__(self, name, viewer, rights, path):
        self.name, self.viewer, self.rights = name, viewer, rights
        self.path, self.revoked, self.expires = path, False, None
        self.admin = 'admin' in rights


class World:
    def __init__(self, seed, folder, tenants=3, users=5, sessions=20,
                 events=5, owner=False):
        self.random = random.Random(seed)
        self.folder, self.owner = folder, owner
        self.store = os.path.join(folder, 'store')
        self.marks = {}          # word: Thing, or what has it
        self.things = []
        self.by_id = {}
        self.grafts, self.creds = [], []
        self.size = (tenants, users, sessions, events)
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith('MEM_') or k == 'MEM_NOW'}
        self.env.update(MEM_STORE=self.store, MEM_MODEL='none', TZ='UTC')
        self.env.setdefault('MEM_NOW', '2026-11-20T12:00:00Z')

    # --- words ---------------------------------------------------------

    def word(self, what):
        """A new one; what: whose it is."""
        # far from each other, so that no spelling leads from one to another
        w = None
        while w is None or w in self.marks:
            w = 'zq' + ''.join(self.random.choice(LETTERS)
                               for _ in range(9)) + 'x'
        self.marks[w] = what
        return w

    def add(self, t):
        self.things.append(t)
        if t.mark:
            self.marks[t.mark] = t
        if t.id:
            self.by_id.setdefault(t.id, []).append(t)
        return t

    def some_words(self, user_number):
        r = self.random
        # users differ in what they speak of, so that counts differ
        n = 2 + r.randrange(3)
        return [COMMON[(user_number * 2 + r.randrange(7)) % len(COMMON)]
                for _ in range(n)]

    # --- tools ---------------------------------------------------------

    def run(self, argv, viewer=None, stdin=None, cred=None, check=True,
            env=None):
        e = dict(self.env)
        if viewer:
            e['MEM_TENANT'], e['MEM_USER'] = viewer.tenant, viewer.user
            if viewer.session:
                e['MEM_SESSION'] = viewer.session
        if cred:
            e['MEM_CREDENTIAL_FILE'] = cred
        e.update(env or {})
        p = subprocess.run(argv, input=stdin if stdin is not None else b'',
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=e, timeout=60)
        if check and p.returncode != 0:
            raise Failed('%s as %r: exit %d: %s' % (
                ' '.join(argv), viewer, p.returncode,
                p.stderr.decode(errors='replace')))
        return p

    def lines(self, argv, viewer=None, **more):
        p = self.run(argv, viewer, **more)
        return [json.loads(x) for x in p.stdout.splitlines() if x]

    # --- making it -----------------------------------------------------

    def make(self):
        self.run(['mem-admin', 'config', 'set', 'artifact.mode',
                  'managed_blob'])
        self.run(['mem-admin', 'config', 'set', 'artifact.provider',
                  'local_fs'])
        nt, nu, ns, ne = self.size
        self.users = {}          # (tenant, user): sessions
        self.tenants = ['acme', 'initech', 'umbra', 'hooli'][:nt]
        for t in self.tenants:
            for u in range(nu):
                # some names are those of users of other tenants
                name = ['ann', 'bob'][u] if u < 2 else self.word('user')
                self.users[t, name] = []
        for n, (t, u) in enumerate(self.users):
            self.make_user(n, t, u, ns, ne)
        for t in self.tenants:
            self.make_tenant(t)
        self.derive()
        self.read_contents()
        if not self.owner:
            self.make_credentials()

    def session_name(self, i):
        if i < 3:
            return 's%d' % (i + 1)       # as others have, too
        return 'talk-%d-%s' % (i, self.word('session'))

    def make_user(self, n, tenant, user, ns, ne):
        r = self.random
        v = Viewer(tenant, user)
        lines, made = [], []
        for i in range(ns):
            s = self.session_name(i)
            self.users[tenant, user].append(s)
            if i >= 3:
                self.marks[MARK.search(s).group()] = ('session', tenant, user,
                                                      s)
            agent = self.word(('agent', tenant, user, s))
            at = START + r.randrange(40) * DAY + r.randrange(DAY // 2)
            for _ in range(1 + r.randrange(2 * ne - 1)):
                at += 1000 + r.randrange(600000)
                made.append(self.new_event(n, v, s, at, agent))
                lines.append(made[-1].more['json'])
            if r.randrange(3) == 0:
                title = self.word(('session', tenant, user, s))
                lines.append({'type': 'session', 'session_id': s,
                              'title': 'About ' + title})
            if r.randrange(2) == 0:
                t = Thing('variable', tenant, user, s, self.word(None),
                          key='k%d' % r.randrange(3))
                self.add(t)
                lines.append({'type': 'variable', 'session_id': s,
                              'name': t.more['key'], 'value': t.mark})
        acks = self.lines(['mem-ingest', '--ack'], v, stdin='\n'.join(
            json.dumps(x) for x in lines).encode())
        ids = [a['id'] for a in acks if a['type'] == 'ack']
        done = 0
        for line, id in zip(lines, ids):
            if 'type' not in line:
                made[done].id = id
                self.add(made[done])
                done += 1
        for s in self.users[tenant, user]:
            b = Viewer(tenant, user, s)
            if r.randrange(3) == 0:
                self.new_fact(b, 'session')
            if r.randrange(3) == 0:
                self.new_artifact(b)
            if r.randrange(4) == 0:
                self.new_file(v, s)
        for _ in range(2):
            self.new_fact(v, 'user')
        self.new_artifact(v)

    def new_event(self, n, v, s, at, agent=None):
        r = self.random
        w = self.some_words(n)
        t = Thing('event', v.tenant, v.user, s, self.word(None), start=at,
                  end=at + 1, words=w, role=ROLES[r.randrange(2)],
                  agent=agent)
        # no word before the mark, so that it is not part of a number of words
        o = {'session_id': s, 'timestamp': at, 'role': t.more['role'],
             'text': '%s %s' % (t.mark, ' '.join(w))}
        if agent:
            o['agent'] = agent
        t.more['json'] = o
        return t

    def new_fact(self, v, scope, cred=None, check=True):
        mark = self.word(None)
        w = COMMON[self.random.randrange(len(COMMON))]
        p = self.run(['mem-ltm', 'add', '--json', '--scope', scope,
                      '%s %s' % (mark, w)], None if cred else v, cred=cred,
                     check=check)
        if p.returncode != 0:
            return p
        o = json.loads(p.stdout)
        return self.add(Thing('fact', v.tenant,
                              None if scope == 'tenant' else v.user,
                              v.session if scope == 'session' else None, mark,
                              id=o['fact_id'], words=[w]))

    def new_artifact(self, v, cred=None, check=True):
        mark, inside = self.word(None), self.word(None)
        a = ['mem-artifact', 'put', '--json', '--name', mark + '.txt']
        a += ['--session', v.session] if v.session else []
        p = self.run(a + ['-'], None if cred else v, cred=cred, check=check,
                     stdin=inside.encode())
        if p.returncode != 0:
            return p
        o = json.loads(p.stdout)
        t = Thing('artifact', v.tenant, v.user, v.session, mark,
                  id=o['artifact_id'], inside=inside)
        self.marks[inside] = t
        return self.add(t)

    def new_file(self, v, s, cred=None, check=True):
        mark, inside = self.word(None), self.word(None)
        path = os.path.join(self.folder, mark + '.txt')
        with open(path, 'w') as f:
            f.write(inside + '\n')
        p = self.run(['mem-session', 'put', s, 'inputs', path],
                     None if cred else v, cred=cred, check=check)
        os.unlink(path)
        if p.returncode != 0:
            return p
        t = Thing('file', v.tenant, v.user, s, mark, inside=inside)
        self.marks[inside] = t
        return self.add(t)

    def make_tenant(self, tenant):
        users = [u for t, u in self.users if t == tenant]
        v = Viewer(tenant, users[0])
        for _ in range(2):
            self.new_fact(v, 'tenant')
        lines = []
        for i in range(3):
            w = self.some_words(i)
            t = Thing('record', tenant, None, None, self.word(None),
                      id='R-%d-%s' % (i, tenant), words=w)
            self.add(t)
            lines.append(json.dumps({
                'type': 'record', 'kb': 'notes', 'record_id': t.id,
                'record_type': 'note', 'title': t.mark,
                'text': ' '.join(w)}))
        self.run(['mem-ingest'], v, stdin='\n'.join(lines).encode())

    def derive(self):
        """Contents of all, an index of most: tails are looked at, too."""
        for n, (t, u) in enumerate(self.users):
            self.run(['mem-toc', 'build', '-q'], Viewer(t, u))
        for t in self.tenants[:-1]:
            u = next(u for x, u in self.users if x == t)
            self.run(['mem-index', '-q', '--nice', '0'], Viewer(t, u))

    def read_contents(self, only=None):
        """What there is of contents, as their owners see them."""
        keep = [t for t in self.things
                if t.kind not in ('segment', 'grip', 'period') or
                (only and (t.tenant, t.user) != only)]
        if len(keep) != len(self.things):
            self.things = keep
            self.by_id = {}
            for t in keep:
                if t.id:
                    self.by_id.setdefault(t.id, []).append(t)
        for tenant, user in self.users if only is None else [only]:
            v = Viewer(tenant, user)
            p = self.run(self.toc_export(), v, cred=self.owner_cred(v),
                         check=False)
            where = {}
            for line in p.stdout.splitlines():
                o = json.loads(line)
                if 'graft' in o:
                    continue             # another's
                if o['type'] == 'toc_node':
                    seg = o['level'] == 'segment'
                    t = self.add(Thing(
                        'segment' if seg else 'period', tenant, user,
                        o.get('session_id'), None, id=o['node_id'],
                        start=o['start'], end=o['end']))
                    if seg:
                        for b in o['bullets']:
                            for g in b.get('grip_ids', []):
                                where[g] = t
                elif o['type'] == 'grip':
                    ev = self.by_id[o['event_id_start']][0]
                    last = self.by_id[o['event_id_end']][0]
                    self.add(Thing('grip', tenant, user, ev.session, None,
                                   id=o['grip_id'], start=ev.start,
                                   end=last.end, event=ev))

    def toc_export(self):
        return ['mem-toc', 'export', '--format', 'jsonl']

    def owner_cred(self, v):
        if self.owner:
            return None
        for c in self.creds:
            if c.viewer and c.viewer.key() == v.key() and not c.admin and \
                    'read' in c.rights and not c.revoked and not c.expires:
                return c.path
        return None

    # --- credentials ---------------------------------------------------

    def new_credential(self, viewer, rights, until=None, check=True):
        name = self.word('credential')
        path = os.path.join(self.folder, name + '.cred')
        argv = ['mem-admin', 'credential', 'add', name, '--rights',
                ','.join(rights), '--out', path]
        if viewer:
            argv += ['--tenant', viewer.tenant, '--user', viewer.user]
            if viewer.session:
                argv += ['--session', viewer.session]
        if until:
            argv += ['--until', until]
        self.run(argv, cred=self.admin_cred())
        c = Credential(name, viewer, rights, path)
        self.creds.append(c)
        return c

    def admin_cred(self):
        p = os.path.join(self.store, 'admin.cred')
        return p if os.path.exists(p) else None

    def make_credentials(self):
        r = self.random
        for t, u in self.users:
            self.new_credential(Viewer(t, u), ['read', 'write'])
            self.new_credential(Viewer(t, u, r.choice(self.users[t, u])),
                                ['read', 'write'])
        for t in self.tenants:
            us = [u for x, u in self.users if x == t]
            self.new_credential(Viewer(t, us[0]), ['admin'])
            self.new_credential(Viewer(t, us[1]), ['read'])
            self.new_credential(Viewer(t, us[2 % len(us)]),
                                ['read', 'write', 'tenant-write'])
            self.new_credential(Viewer(t, us[3 % len(us)]), ['audit'])
            self.new_credential(Viewer(t, us[3 % len(us)]), ['sync'])

    # --- grafts --------------------------------------------------------

    def random_graft(self, now):
        """What one could ask for: a Graft without an id."""
        r = self.random
        t, u = r.choice(list(self.users))
        s = r.choice(self.users[t, u])
        to = r.choice(['user', 'user', 'user', 'session', 'tenant'])
        name = ''
        if to == 'user':
            name = r.choice([x for y, x in self.users if y == t])
        elif to == 'session':
            name = r.choice(self.users[t, u])
        kinds = ALL if r.randrange(2) else 1 + r.randrange(ALL)
        g = Graft(None, t, u, s, to, name, kinds)
        if r.randrange(4) == 0:
            ev = [x for x in self.things if x.kind == 'event' and
                  (x.tenant, x.user, x.session) == (t, u, s)]
            if ev:
                a, b = r.choice(ev).start, r.choice(ev).start
                g.since, g.until = min(a, b), max(a, b) + r.randrange(2)
                if g.since == g.until:
                    g.until += 1
        return g
