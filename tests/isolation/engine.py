#!/usr/bin/env python3
"""
The random searches of drive.py through a search engine in place of the index:
a world of tenants, users and sessions is pushed there, grafts and writes come
and go, and each query of a call is held against the model of who may see what:

    engine.py --engine URL [--seed N] [--ops N] [--small] [--owner] [--keep DIR]

Queries go many to a call (--batch); each is judged by itself.  A part of them
goes through a liar, which takes out of each search what keeps others' texts
away: then what comes back is held against the rules by the tool alone.
"""
import argparse
import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

from drive import Driver, Wrong
from rules import sees
from world import COMMON, DAY, MARK, START, Failed, World

BATCH = 100
NAMED = re.compile(rb'query (\d+): ')


def without_access(o):
    """A search without the filter of who may see what."""
    if isinstance(o, list):
        return [without_access(x) for x in o]
    if not isinstance(o, dict):
        return o
    b = o.get('bool')
    if isinstance(b, dict) and b.get('must_not') == {'term': {'gone': True}}:
        return b['filter'][0]            # the source alone
    return {k: without_access(v) for k, v in o.items()}


class Liar(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    target, lies = None, 0

    def log_message(self, *args):
        pass

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        path = self.path.split('?')[0]
        if path.endswith(('/_msearch', '/_search')):
            lines = [json.dumps(without_access(json.loads(x)))
                     for x in body.decode().splitlines() if x]
            body = ('\n'.join(lines) + '\n').encode()
            Liar.lies += 1
        c = http.client.HTTPConnection(Liar.target, timeout=60)
        c.request(self.command, self.path, body, {
            'Content-Type': self.headers.get('Content-Type',
                                             'application/json')})
        r = c.getresponse()
        data = r.read()
        c.close()
        self.send_response(r.status)
        self.send_header('Content-Type', r.getheader('Content-Type') or '')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on


class One:
    """What one query of a call was answered."""

    def __init__(self, res, lines, err):
        self.argv, self.rc = res.argv, res.rc
        self.t0, self.t1 = res.t0, res.t1
        self.out = b'\n'.join(lines)
        self.err = err
        self.text = (self.out + b'\n' + err).decode(errors='replace')

    def records(self):
        return [json.loads(x) for x in self.out.splitlines() if x]


class Engine(Driver):
    def __init__(self, world, args):
        Driver.__init__(self, world, args)
        self.engine = urllib.parse.urlparse(args.engine).netloc
        self.checks = 0
        self.dirty = True
        self.liar = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Liar)
        Liar.target = self.engine
        threading.Thread(target=self.liar.serve_forever,
                         daemon=True).start()
        for name, port in (('os', None), ('liar', self.liar.server_port)):
            self.admin(['mem-admin', 'config', 'set', 'engine.%s.url' % name,
                        args.engine if port is None else
                        'http://127.0.0.1:%d' % port])
            self.admin(['mem-admin', 'config', 'set',
                        'engine.%s.index' % name, self.prefix()])

    def prefix(self):
        # another run of this seed has the same names
        return 'iso%d-%d' % (os.getpid(), self.args.seed)

    def admin(self, argv):
        return self.w.run(argv, cred=self.w.admin_cred())

    def push(self):
        """All that there is, into the engine."""
        for t in self.w.tenants:
            argv = ['mem-index', '--tenant', t, '--to', 'os', '-q']
            p = self.w.run(argv, cred=self.w.admin_cred(), check=False)
            if p.returncode != 0:
                raise Wrong('push of %s: exit %d: %r' % (t, p.returncode,
                                                         p.stderr[:500]))
        c = http.client.HTTPConnection(self.engine, timeout=60)
        c.request('POST', '/%s-*/_refresh' % self.prefix())
        c.getresponse().read()
        c.close()
        self.dirty = False

    # --- many queries at once ------------------------------------------

    def batch(self, c, argv, queries, lie=None, count=False):
        if lie is None:
            lie = self.r.randrange(5) == 0
        argv = ['mem-search', '--engine', 'liar' if lie else 'os'] + argv + \
            ['--batch', '-']
        res = self.call(c, argv, stdin='\n'.join(queries).encode(),
                        check=False)
        if res.rc not in (0, 1):
            raise Wrong('exit %d: %r' % (res.rc, res.err[:500]))
        out = [[] for _ in queries]
        err = [[] for _ in queries]
        for line in res.out.splitlines():
            n = int(line.split(b':')[0]) if count else \
                json.loads(line)['query']
            out[n - 1].append(line)
        for line in res.err.splitlines():
            m = NAMED.search(line)
            if m:
                err[int(m.group(1)) - 1].append(line.replace(
                    m.group(0), b'query N: '))
        self.calls += len(queries) - 1
        self.checks += len(queries)
        each = [One(res, o, b'\n'.join(e)) for o, e in zip(out, err)]
        for q, one in zip(queries, each):
            self.look(c, one, q.encode())
        return each, lie

    # --- what is asked -------------------------------------------------

    def picks(self):
        """A query, and which things it finds by their words."""
        a, b = self.r.choice(COMMON), self.r.choice(COMMON)
        return self.r.choice([
            (a, lambda t: a in t.words),
            (a, lambda t: a in t.words),
            ('%s %s' % (a, b), lambda t: a in t.words or b in t.words),
            ('+%s +%s' % (a, b), lambda t: a in t.words and b in t.words),
            ('%s -%s' % (a, b), lambda t: a in t.words and
             (b not in t.words)),
            (a[:5] + '*', lambda t: any(w.startswith(a[:5])
                                        for w in t.words)),
            ('%s OR %s' % (a, b), lambda t: a in t.words or b in t.words)])

    def visible(self, c, kind, pick, now):
        return sorted(t.id for t in self.w.things if t.kind == kind and
                      pick(t) and self.by(c, t, now) is not None)

    def op_engine_count(self):
        c = self.caller()
        asked = [self.picks() for _ in range(BATCH)]
        each, _ = self.batch(c, ['-c', '--in', 'event', '--mode', 'text'],
                             [q for q, _ in asked], lie=False, count=True)
        for (q, pick), one in zip(asked, each):
            a = self.visible(c, 'event', pick, one.t0)
            if a != self.visible(c, 'event', pick, one.t1):
                continue
            n = int(one.out.split(b':')[1])
            if n != len(a):
                raise Wrong('%d hits of %r, not %d' % (n, q, len(a)))

    def op_engine_all(self):
        c = self.caller()
        kind, source = self.r.choice([
            ('event', 'event'), ('event', 'event'), ('fact', 'fact'),
            ('record', 'kb')])
        asked = [self.picks() for _ in range(BATCH)]
        each, lie = self.batch(c, ['--json', '-n', '0', '--no-fold', '--in',
                                   source, '--mode', 'text'],
                               [q for q, _ in asked])
        for (q, pick), one in zip(asked, each):
            want = self.visible(c, kind, pick, one.t0)
            if want != self.visible(c, kind, pick, one.t1):
                continue
            got = sorted(o['id'].split('/')[-1] for o in one.records())
            if got != want:
                raise Wrong('%r%s: %d hits, not %d; too many %r, too few %r'
                            % (q, ', lied to' if lie else '', len(got),
                               len(want),
                               [x for x in got if x not in want][:3],
                               [x for x in want if x not in got][:3]))
            self.right_graft(c, one)

    def op_engine_mark(self):
        c = self.caller()
        kind = self.r.choice(['event', 'event', 'fact', 'artifact',
                              'record'])
        things = [self.near(c, kind) for _ in range(BATCH // 2)]
        # beside each a word that nobody has
        others = [MARK.search(self.w.word(None)).group() for _ in things]
        for o in others:
            del self.w.marks[o]
        asked = [q for t, o in zip(things, others) for q in (t.mark, o)]
        argv = ['--json', '--mode', 'text', '--in',
                {'record': 'kb'}.get(kind, kind)]
        if self.r.randrange(4) == 0:
            argv.append('--explain')
        each, lie = self.batch(c, argv, asked)
        for i, t in enumerate(things):
            one, none = each[2 * i], each[2 * i + 1]
            may = self.by(c, t, one.t0) is not None
            must = may and self.by(c, t, one.t1) is not None
            hits = [o for o in one.records() if
                    o['id'].split('/')[-1] == t.id]
            if hits and not may:
                raise Wrong('found%s: %r' % (' by a lie' if lie else '', t))
            if must and len(hits) != 1 and not self.dirty:
                raise Wrong('%d hits for %r' % (len(hits), t))
            self.right_graft(c, one)
            if not may and not lie and not self.dirty and (
                    one.out, one.err.replace(t.mark.encode(), b'W')) != (
                    none.out, none.err.replace(asked[2 * i + 1].encode(),
                                               b'W')):
                raise Wrong('a word of another\'s is answered otherwise than '
                            'one of nobody\'s: %r %r' % (
                                one.out + one.err, none.out + none.err))

    def op_engine_any(self):
        r = self.r
        c = self.caller()
        argv = ['--json']
        for o in (['--explain'], ['-n', '0'], ['-C', '2'], ['--no-fold'],
                  ['--mode', 'hybrid'], ['--recent', '10'],
                  ['--since', str(START + r.randrange(30) * DAY)],
                  ['--role', 'user'], ['-v'],
                  ['--in', r.choice(['toc', 'grip', 'toc,grip', 'artifact',
                                     'session', 'fact',
                                     'event,kb,toc,grip,fact,artifact'])],
                  ['--in', 'session']):
            if r.randrange(5) == 0:
                argv += o
        each, _ = self.batch(c, argv, [self.query(c) for _ in range(BATCH)])
        for one in each:
            self.right_graft(c, one)
            self.channels(c, one)

    # --- all together --------------------------------------------------

    CHANGES = ['write', 'write', 'write_fact', 'write_artifact', 'forget',
               'graft', 'graft', 'ungraft', 'credential']
    ASKS = ['count', 'all', 'all', 'mark', 'mark', 'mark', 'any', 'any',
            'any']

    def step(self, name):
        try:
            if getattr(self, 'op_' + name)() is not False:
                self.count[name] = self.count.get(name, 0) + 1
            return 0
        except (Wrong, Failed, KeyError, ValueError, IndexError,
                TypeError) as x:
            if not isinstance(x, (Wrong, Failed)):
                import traceback
                traceback.print_exc(file=sys.stdout)
            print('# seed %d, %s%s: %s\n# %s' % (
                self.args.seed, name, ' (owner)' if self.w.owner else '',
                str(x)[:2000].replace('\n', '\n#   '), self.shown[:3000]),
                flush=True)
            return 1

    def go(self):
        failed = 0
        for _ in range(20 if self.args.small else 40):
            self.op_graft()
        self.push()
        while self.checks < self.args.ops and failed < self.args.most:
            for _ in range(4):
                failed += self.step('engine_' + self.r.choice(self.ASKS))
            for _ in range(2):
                failed += self.step(self.r.choice(self.CHANGES))
            # what is not pushed yet is not found, and what was forgotten
            # neither, though it is still there
            self.dirty = True
            failed += self.step('engine_' + self.r.choice(['mark', 'any']))
            self.push()
        print('# %d checks, %d of them lies: %s' % (
            self.checks, Liar.lies, ' '.join(
                '%s %d' % i for i in sorted(self.count.items()))))
        return failed

    def clean(self):
        c = http.client.HTTPConnection(self.engine, timeout=60)
        c.request('GET', '/_alias/%s-*' % self.prefix())
        for name in json.loads(c.getresponse().read()):
            c.request('DELETE', '/' + name)
            c.getresponse().read()
        c.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--engine', required=True)
    p.add_argument('--seed', type=int, default=int(time.time()))
    p.add_argument('--ops', type=int, default=400)
    p.add_argument('--small', action='store_true')
    p.add_argument('--owner', action='store_true')
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
        e = Engine(w, args)
        failed = e.go()
        e.clean()
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
